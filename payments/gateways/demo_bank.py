"""The bank of the demonstration: an outside party that answers a transfer file, and pays nobody."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from lxml import etree
from pyiso20022.pain import pain_001_001_09 as pain001
from pyiso20022.pain import pain_002_001_10 as pain002
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDateTime

from payments.gateways.iso20022 import ANSWER_NAMESPACE, CURRENCY, TRANSFER_MESSAGE


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
    if not settings.DEMO_LOGINS:
        raise RuntimeError("the demonstration's bank does not exist where demo logins are refused")
    tree = etree.fromstring(transfers, etree.XMLParser(resolve_entities=False, no_network=True))
    initiation = XmlParser().parse(tree.getroottree(), pain001.Document).cstmr_cdt_trf_initn
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
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    document = pain002.Document(cstmr_pmt_sts_rpt=report)
    return serializer.render(document, ns_map={None: ANSWER_NAMESPACE}).encode()


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
