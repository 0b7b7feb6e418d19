"""ISO 20022: transfers as pain.001.001.09, answers as pain.002.001.10."""

import re
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO

import xmlschema
from lxml import etree
from pyiso20022.pain import pain_001_001_09 as pain001
from pyiso20022.pain import pain_002_001_10 as pain002
from xsdata.exceptions import ParserError, XmlHandlerError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from core.money import CENTIMES_PER_DIRHAM, format_dirhams
from payments.gateways import Answer, OrderAnswer, Outcome, Transfer, TransferFile
from payments.gateways._bank_text import bank_text
from payments.gateways._errors import BankAnswerTooLarge, BankAnswerUnreadable, BankFileInvalid

CURRENCY = "MAD"
TRANSFER_MESSAGE = "pain.001.001.09"
TRANSFER_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{TRANSFER_MESSAGE}"
ANSWER_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
# A status of ten thousand transfers weighs about 5 MB.
MAX_ANSWER_BYTES = 20_000_000

# External codes of payment statuses: what is final, and what only says where the transfer is.
FINAL = {"ACSC": Outcome.PAID, "ACCC": Outcome.PAID, "RJCT": Outcome.RETURNED}
ON_THE_WAY = frozenset({"RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "PART"})
REASON_LENGTH = 200
# Sizes of ISO 20022: 18 digits an amount, 15 a count.
AMOUNT_DIGITS = 18
_COUNT = re.compile(r"[0-9]{1,15}")


def write(file: TransferFile) -> bytes:
    """Return a pain.001.001.09 file in MAD; the same content gives the same bytes.

    Raises BankFileInvalid when the ISO schema refuses it.
    """
    document = pain001.Document(
        cstmr_cdt_trf_initn=pain001.CustomerCreditTransferInitiationV09(
            grp_hdr=_group_header(file), pmt_inf=[_payment(file)]
        )
    )
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    content = serializer.render(document, ns_map={None: TRANSFER_NAMESPACE}).encode()
    check_against_schema(content)
    return content


def _group_header(file: TransferFile) -> pain001.GroupHeader85:
    created = file.created_at.astimezone(UTC).replace(microsecond=0)
    return pain001.GroupHeader85(
        msg_id=file.message_id,
        cre_dt_tm=XmlDateTime.from_datetime(created),
        nb_of_txs=str(len(file.transfers)),
        ctrl_sum=_control_sum(file),
        initg_pty=pain001.PartyIdentification135(nm=bank_text(file.debtor.name)),
    )


def _payment(file: TransferFile) -> pain001.PaymentInstruction30:
    return pain001.PaymentInstruction30(
        pmt_inf_id=file.message_id,
        pmt_mtd=pain001.PaymentMethod3Code.TRF,
        btch_bookg=False,
        nb_of_txs=str(len(file.transfers)),
        ctrl_sum=_control_sum(file),
        reqd_exctn_dt=pain001.DateAndDateTime2Choice(dt=XmlDate.from_date(file.execution_date)),
        dbtr=pain001.PartyIdentification135(nm=bank_text(file.debtor.name)),
        dbtr_acct=_account(file.debtor.rib),
        dbtr_agt=pain001.BranchAndFinancialInstitutionIdentification6(
            fin_instn_id=pain001.FinancialInstitutionIdentification18(bicfi=file.debtor.bic)
        ),
        cdt_trf_tx_inf=[_transfer(transfer) for transfer in file.transfers],
    )


def _transfer(transfer: Transfer) -> pain001.CreditTransferTransaction34:
    amount = pain001.ActiveOrHistoricCurrencyAndAmount(
        value=_dirhams(transfer.amount_centimes), ccy=CURRENCY
    )
    return pain001.CreditTransferTransaction34(
        pmt_id=pain001.PaymentIdentification6(
            instr_id=transfer.reference, end_to_end_id=transfer.reference
        ),
        amt=pain001.AmountType4Choice(instd_amt=amount),
        cdtr=pain001.PartyIdentification135(nm=bank_text(transfer.holder)),
        cdtr_acct=_account(transfer.rib),
        rmt_inf=pain001.RemittanceInformation16(ustrd=[f"AMO {transfer.reference}"]),
    )


def _account(rib: str) -> pain001.CashAccount38:
    """A RIB is not an IBAN: it goes into Othr/Id as a domestic account number (BBAN)."""
    return pain001.CashAccount38(
        id=pain001.AccountIdentification4Choice(
            othr=pain001.GenericAccountIdentification1(
                id=rib, schme_nm=pain001.AccountSchemeName1Choice(cd="BBAN")
            )
        ),
        ccy=CURRENCY,
    )


def _control_sum(file: TransferFile) -> Decimal:
    return _dirhams(sum(transfer.amount_centimes for transfer in file.transfers))


def _dirhams(centimes: int) -> Decimal:
    return Decimal(format_dirhams(centimes))


@lru_cache(maxsize=1)
def _schema() -> xmlschema.XMLSchema:
    """The ISO schema of pain.001.001.09, as the package sepaxml carries it."""
    with as_file(files("sepaxml") / "schemas" / f"{TRANSFER_MESSAGE}.xsd") as path:
        return xmlschema.XMLSchema(str(path))


def check_against_schema(content: bytes) -> None:
    """Raise BankFileInvalid, naming the place, unless the ISO schema accepts the file."""
    error = next(_schema().iter_errors(BytesIO(content)), None)
    if error is not None:
        raise BankFileInvalid(where=error.path)


def read(content: bytes) -> Answer:
    """Return what a pain.002.001.10 file says. Raises BankAnswerTooLarge, BankAnswerUnreadable."""
    if len(content) > MAX_ANSWER_BYTES:
        raise BankAnswerTooLarge(megabytes=MAX_ANSWER_BYTES // 1_000_000)
    report = _typed(_hardened(content)).cstmr_pmt_sts_rpt
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
    return Answer(
        message_id=group.orgnl_msg_id,
        orders=tuple(_order_answers(payments)),
        default=default,
        default_reason=reason,
        order_count=_count(group.orgnl_nb_of_txs),
        control_sum_centimes=_centimes(group.orgnl_ctrl_sum),
    )


def _hardened(content: bytes) -> etree._Element:
    """Parse XML that defines nothing of its own: no DTD, no entity, no network, no huge tree."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BankAnswerUnreadable(why="XML") from error
    if root.getroottree().docinfo.doctype:
        raise BankAnswerUnreadable(why="DOCTYPE")
    if root.tag != f"{{{ANSWER_NAMESPACE}}}Document":
        raise BankAnswerUnreadable(why="Document")
    return root


def _typed(root: etree._Element) -> pain002.Document:
    """The tree as the message's own types; unknown elements and values of a wrong type are refused."""
    parser = XmlParser(
        config=ParserConfig(
            fail_on_unknown_properties=True,
            fail_on_unknown_attributes=True,
            fail_on_converter_warnings=True,
        ),
        handler=LxmlEventHandler,
    )
    try:
        return parser.parse(root.getroottree(), pain002.Document)
    except (ParserError, XmlHandlerError, TypeError, ValueError, InvalidOperation) as error:
        raise BankAnswerUnreadable(why="pain.002") from error


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
    if original.amt.instd_amt.ccy != CURRENCY:
        raise BankAnswerUnreadable(why=original.amt.instd_amt.ccy)
    return _centimes(original.amt.instd_amt.value)


def _centimes(amount: Decimal | None) -> int | None:
    if amount is None:
        return None
    # Bounded before anything is computed: 1E+999999 is a number of a few characters.
    if not amount.is_finite() or amount.adjusted() >= AMOUNT_DIGITS:
        raise BankAnswerUnreadable(why=str(amount)[:AMOUNT_DIGITS])
    centimes = amount * CENTIMES_PER_DIRHAM
    if centimes != centimes.to_integral_value():
        raise BankAnswerUnreadable(why=str(amount)[:AMOUNT_DIGITS])
    return int(centimes)


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not _COUNT.fullmatch(text):
        raise BankAnswerUnreadable(why="OrgnlNbOfTxs")
    return int(text)
