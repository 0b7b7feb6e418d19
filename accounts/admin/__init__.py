"""The back office: the base every room's pages stand on, and the accounts themselves."""

from accounts.admin import users

__all__ = ["users"]
