"""What a pain.002.001.10 status report says of our transfers."""

from collections.abc import Iterator

from lxml import etree
from pyiso20022.pain import pain_002_001_10 as pain002

from payments.gateways import Answer, OrderAnswer, Outcome
from payments.gateways._errors import BankAnswerUnreadable
from payments.gateways._xml import centimes, count, in_dirhams, typed

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
TRANSFER_MESSAGE = "pain.001.001.09"
REASON_LENGTH = 200

# External codes of payment statuses: what is final, and what only says where the transfer is.
FINAL = {"ACSC": Outcome.PAID, "ACCC": Outcome.PAID, "RJCT": Outcome.RETURNED}
ON_THE_WAY = frozenset({"RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "PART"})


def read(root: etree._Element) -> Answer:
    """Return what a status report says. Raises BankAnswerUnreadable."""
    report = typed(root, pain002.Document, name="pain.002").cstmr_pmt_sts_rpt
    group = report.orgnl_grp_inf_and_sts
    payments = report.orgnl_pmt_inf_and_sts
    if group.orgnl_msg_nm_id != TRANSFER_MESSAGE:
        raise BankAnswerUnreadable(why="OrgnlMsgNmId")
    if len(payments) > 1:
        raise BankAnswerUnreadable(why="OrgnlPmtInfAndSts")
    default, reason = _outcome(group.grp_sts), _reason(group.sts_rsn_inf)
    for payment in payments:
        if payment.orgnl_pmt_inf_id != group.orgnl_msg_id:
            raise BankAnswerUnreadable(why="OrgnlPmtInfId")
        if payment.pmt_inf_sts is not None:
            default, reason = _outcome(payment.pmt_inf_sts), _reason(payment.sts_rsn_inf)
    number, total = group.orgnl_nb_of_txs, group.orgnl_ctrl_sum
    return Answer(
        message_id=group.orgnl_msg_id,
        orders=tuple(_order_answers(payments)),
        default=default,
        default_reason=reason,
        order_count=None if number is None else count(number, name="OrgnlNbOfTxs"),
        control_sum_centimes=None if total is None else centimes(total),
    )


def _order_answers(
    payments: list[pain002.OriginalPaymentInstruction32],
) -> Iterator[OrderAnswer]:
    for payment in payments:
        for transaction in payment.tx_inf_and_sts:
            if not transaction.orgnl_end_to_end_id:
                raise BankAnswerUnreadable(why="OrgnlEndToEndId")
            if transaction.tx_sts is None:
                raise BankAnswerUnreadable(why="TxSts")
            yield OrderAnswer(
                reference=transaction.orgnl_end_to_end_id,
                outcome=_outcome(transaction.tx_sts),
                reason=_reason(transaction.sts_rsn_inf),
                amount_centimes=_amount(transaction.orgnl_tx_ref),
            )


def _outcome(status: str | None) -> Outcome | None:
    """Translate an external status code; None when nothing is final yet."""
    if status is None or status in ON_THE_WAY:
        return None
    if status not in FINAL:
        raise BankAnswerUnreadable(why=status)
    return FINAL[status]


def _reason(reasons: list[pain002.StatusReasonInformation12]) -> str:
    """The bank's reason code and its words, for people: `AC04 Compte clos`."""
    words: list[str] = []
    for information in reasons:
        if information.rsn is not None:
            words.append(information.rsn.cd or information.rsn.prtry or "")
        words.extend(information.addtl_inf)
    return " ".join(word for word in words if word)[:REASON_LENGTH]


def _amount(original: pain002.OriginalTransactionReference28 | None) -> int | None:
    """The transfer's amount in centimes, when the answer repeats it, and it is in dirhams."""
    if original is None or original.amt is None or original.amt.instd_amt is None:
        return None
    return in_dirhams(original.amt.instd_amt.value, original.amt.instd_amt.ccy)
