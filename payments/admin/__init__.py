"""The payment office's pages: batches, transfers, the ledger."""

from payments.admin import accounts, batches

__all__ = ["accounts", "batches"]
