"""ISO 20022: transfers written as pain.001.001.09, answers read as pain.002 and camt.054."""

from datetime import UTC
from decimal import Decimal
from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO

import xmlschema
from pyiso20022.pain import pain_001_001_09 as pain001
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from core.money import format_dirhams
from payments.gateways import Answer, Notification, Transfer, TransferFile, _notification
from payments.gateways import _status_report as _report
from payments.gateways._bank_text import bank_text
from payments.gateways._errors import BankFileInvalid
from payments.gateways._status_report import TRANSFER_MESSAGE
from payments.gateways._xml import CURRENCY, hardened, message_of

TRANSFER_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{TRANSFER_MESSAGE}"
ANSWER_NAMESPACES = frozenset({_report.NAMESPACE, *_notification.NAMESPACES})


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


def read(content: bytes) -> Answer | Notification:
    """Return what a bank's file says: a pain.002 status report, or a camt.054 notification.

    Raises BankAnswerTooLarge, BankAnswerUnreadable.
    """
    root = hardened(content)
    if message_of(root, ANSWER_NAMESPACES) == _report.NAMESPACE:
        return _report.read(root)
    return _notification.read(root)
