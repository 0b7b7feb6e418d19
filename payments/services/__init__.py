"""Every write on payments: postings, batches, bank answers, the reading of a statement."""

from payments.gateways import BankAnswerTooLarge, BankAnswerUnreadable, BankFileInvalid
from payments.permissions import FourEyes, NotAPaymentOfficer
from payments.services._answers import (
    AnswerContradicts,
    AnswerOfAnotherBatch,
    AnswerSumDiffers,
    BatchUnknown,
    OrderUnknown,
    read_bank_answer,
)
from payments.services._batches import (
    BatchChanged,
    CancellationReasonMissing,
    ExecutionDateInPast,
    FileChanged,
    FundAccountMissing,
    NothingToPay,
    approve_batch,
    cancel_batch,
    export_batch,
    freeze_batch,
)
from payments.services._posting import post_approved_claims
from payments.services._statements import StatementUnknown, open_statement

__all__ = [
    "AnswerContradicts",
    "AnswerOfAnotherBatch",
    "AnswerSumDiffers",
    "BankAnswerTooLarge",
    "BankAnswerUnreadable",
    "BankFileInvalid",
    "BatchChanged",
    "BatchUnknown",
    "CancellationReasonMissing",
    "ExecutionDateInPast",
    "FileChanged",
    "FourEyes",
    "FundAccountMissing",
    "NotAPaymentOfficer",
    "NothingToPay",
    "OrderUnknown",
    "StatementUnknown",
    "approve_batch",
    "cancel_batch",
    "export_batch",
    "freeze_batch",
    "open_statement",
    "post_approved_claims",
    "read_bank_answer",
]
