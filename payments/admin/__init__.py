"""The payment office's pages: batches, transfers, the ledger."""

from payments.admin import accounts, batches, calendar, changes, debts, repairs, reversals

__all__ = ["accounts", "batches", "calendar", "changes", "debts", "repairs", "reversals"]
