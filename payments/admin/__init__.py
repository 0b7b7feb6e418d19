"""The payment office's pages: batches, transfers, the ledger."""

from payments.admin import batches

__all__ = ["batches"]
