"""The control room's pages: work lists and files, cases and networks, rules, nights, the audit trail."""

from fraud.admin import cases, claims

__all__ = ["cases", "claims"]
