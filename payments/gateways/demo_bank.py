"""The bank of the demonstration: an outside party that answers a transfer file, and pays nobody."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from lxml import etree
from pyiso20022.camt import camt_054_001_08 as camt054
from pyiso20022.pain import pain_001_001_09 as pain001
from pyiso20022.pain import pain_002_001_10 as pain002
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from core import signatures
from payments.gateways._status_report import NAMESPACE as ANSWER_NAMESPACE
from payments.gateways._status_report import TRANSFER_MESSAGE
from payments.gateways._xml import CURRENCY

NOTIFICATION_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
# Shorter than the order of the curve: whatever is derived is a key.
_KEY_BYTES = 31


def _only_for_show() -> None:
    """Raise RuntimeError where money is real."""
    if not settings.DEMO_LOGINS:
        raise RuntimeError("the demonstration's bank does not exist where demo logins are refused")


@cache
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    derived = HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"demo bank").derive(
        secret.encode()
    )
    return ec.derive_private_key(int.from_bytes(derived, "big"), ec.SECP256R1())


def demo_bank_jwk() -> dict[str, str]:
    """Return the public key of the demonstration's bank, drawn from the installation's own secret.

    Raises RuntimeError outside of demonstrations and tests.
    """
    _only_for_show()
    return signatures.jwk_of(_key(settings.SECRET_KEY).public_key())


def demo_bank_signature(content: bytes) -> str:
    """Return the detached signature that goes beside a file of the demonstration's bank (`.sig`).

    Raises RuntimeError outside of demonstrations and tests.
    """
    _only_for_show()
    return signatures.sign_detached(content, _key(settings.SECRET_KEY))


def _initiation(transfers: bytes) -> pain001.CustomerCreditTransferInitiationV09:
    tree = etree.fromstring(transfers, etree.XMLParser(resolve_entities=False, no_network=True))
    return XmlParser().parse(tree.getroottree(), pain001.Document).cstmr_cdt_trf_initn


def _rendered(document: Any, namespace: str) -> bytes:
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    return serializer.render(document, ns_map={None: namespace}).encode()


def demo_bank_answer(
    transfers: bytes,
    *,
    at: datetime,
    returned: Collection[str] = (),
    reason: str = "AC04",
    words: str = "Compte clos",
) -> bytes:
    """Answer a pain.001 file: all transfers executed but those whose references are in `returned`.

    `reason` is an ISO external code (AC04: account closed), `words` its explanation. Raises
    RuntimeError outside of demonstrations and tests: an invented answer must never meet real money.
    """
    _only_for_show()
    initiation = _initiation(transfers)
    report = pain002.CustomerPaymentStatusReportV10(
        grp_hdr=pain002.GroupHeader86(
            msg_id=f"ANSWER-{initiation.grp_hdr.msg_id}",
            cre_dt_tm=XmlDateTime.from_datetime(at.replace(microsecond=0)),
        ),
        orgnl_grp_inf_and_sts=pain002.OriginalGroupHeader17(
            orgnl_msg_id=initiation.grp_hdr.msg_id,
            orgnl_msg_nm_id=TRANSFER_MESSAGE,
            orgnl_nb_of_txs=initiation.grp_hdr.nb_of_txs,
            orgnl_ctrl_sum=initiation.grp_hdr.ctrl_sum,
        ),
        orgnl_pmt_inf_and_sts=[
            pain002.OriginalPaymentInstruction32(
                orgnl_pmt_inf_id=payment.pmt_inf_id,
                tx_inf_and_sts=[
                    _status(transfer, returned=returned, reason=reason, words=words)
                    for transfer in payment.cdt_trf_tx_inf
                ],
            )
            for payment in initiation.pmt_inf
        ],
    )
    return _rendered(pain002.Document(cstmr_pmt_sts_rpt=report), ANSWER_NAMESPACE)


def _status(
    transfer: pain001.CreditTransferTransaction34,
    *,
    returned: Collection[str],
    reason: str,
    words: str,
) -> pain002.PaymentTransaction105:
    """What is said of one transfer."""
    reference = transfer.pmt_id.end_to_end_id
    comes_back = reference in returned
    why = pain002.StatusReasonInformation12(
        rsn=pain002.StatusReason6Choice(cd=reason), addtl_inf=[words]
    )
    amount = pain002.ActiveOrHistoricCurrencyAndAmount(
        value=transfer.amt.instd_amt.value, ccy=CURRENCY
    )
    return pain002.PaymentTransaction105(
        orgnl_instr_id=transfer.pmt_id.instr_id,
        orgnl_end_to_end_id=reference,
        tx_sts="RJCT" if comes_back else "ACSC",
        sts_rsn_inf=[why] if comes_back else [],
        orgnl_tx_ref=pain002.OriginalTransactionReference28(
            amt=pain002.AmountType4Choice(instd_amt=amount)
        ),
    )


def demo_bank_notification(
    transfers: bytes,
    *,
    at: datetime,
    executed: Collection[str] | None = None,
    returned: Collection[str] = (),
    reason: str = "AC04",
    words: str = "Compte clos",
) -> bytes:
    """Notify what a pain.001 file moved on the paying account (camt.054.001.08), an entry a transfer.

    `executed` are references debited, all by default; `returned` those credited back, which may come
    days later in a notification of their own. Raises RuntimeError outside of demonstrations and tests.
    """
    _only_for_show()
    initiation = _initiation(transfers)
    payment = initiation.pmt_inf[0]
    asked = {each.pmt_id.end_to_end_id: each for each in payment.cdt_trf_tx_inf}
    debits = [asked[key] for key in (asked if executed is None else executed)]
    credits = [asked[key] for key in returned]
    why = camt054.PaymentReturnReason5(
        rsn=camt054.ReturnReason5Choice(cd=reason), addtl_inf=[words]
    )
    entries = [_entry(each, at=at) for each in debits]
    entries += [_entry(each, at=at, why=why) for each in credits]
    created = XmlDateTime.from_datetime(at.replace(microsecond=0))
    other = camt054.GenericAccountIdentification1(id=payment.dbtr_acct.id.othr.id)
    notification = camt054.AccountNotification17(
        id=f"N-{initiation.grp_hdr.msg_id}",
        cre_dt_tm=created,
        acct=camt054.CashAccount39(
            id=camt054.AccountIdentification4Choice(othr=other), ccy=CURRENCY
        ),
        txs_summry=camt054.TotalTransactions6(
            ttl_ntries=camt054.NumberAndSumOfTransactions4(
                nb_of_ntries=str(len(entries)), sum=sum(entry.amt.value for entry in entries)
            )
        ),
        ntry=entries,
    )
    message = camt054.BankToCustomerDebitCreditNotificationV08(
        grp_hdr=camt054.GroupHeader81(
            msg_id=f"NOTIFICATION-{initiation.grp_hdr.msg_id}", cre_dt_tm=created
        ),
        ntfctn=[notification],
    )
    return _rendered(camt054.Document(bk_to_cstmr_dbt_cdt_ntfctn=message), NOTIFICATION_NAMESPACE)


def _entry(
    transfer: pain001.CreditTransferTransaction34,
    *,
    at: datetime,
    why: camt054.PaymentReturnReason5 | None = None,
) -> camt054.ReportEntry10:
    """One transfer debited, or credited back when there is a reason why."""
    side = camt054.CreditDebitCode.CRDT if why else camt054.CreditDebitCode.DBIT
    amount = camt054.ActiveOrHistoricCurrencyAndAmount(
        value=transfer.amt.instd_amt.value, ccy=CURRENCY
    )
    family = camt054.BankTransactionCodeStructure5(
        cd="PMNT",
        fmly=camt054.BankTransactionCodeStructure6(
            cd="ICDT", sub_fmly_cd="RRTN" if why else "DMCT"
        ),
    )
    transaction = camt054.EntryTransaction10(
        refs=camt054.TransactionReferences6(end_to_end_id=transfer.pmt_id.end_to_end_id),
        amt=amount,
        cdt_dbt_ind=side,
        rtr_inf=why,
    )
    return camt054.ReportEntry10(
        amt=amount,
        cdt_dbt_ind=side,
        sts=camt054.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=camt054.DateAndDateTime2Choice(dt=XmlDate.from_date(at.date())),
        bk_tx_cd=camt054.BankTransactionCodeStructure4(domn=family),
        ntry_dtls=[camt054.EntryDetails9(tx_dtls=[transaction])],
    )
