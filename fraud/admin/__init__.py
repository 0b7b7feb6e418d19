"""The control room's pages: the work lists, the file side by side, the audit trail."""

from fraud.admin import claims

__all__ = ["claims"]
