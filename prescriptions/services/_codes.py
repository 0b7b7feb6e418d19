"""The signed code of a prescription: it says what the document says, and what it is worth when scanned."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.numbers import PREFIX_LENGTH
from insured.models import Person
from prescriptions import selectors
from prescriptions.models import Prescription, PrescriptionCode, Verdict
from prescriptions.rules import code as codes
from prescriptions.rules.code import CodeUnreadable, PrintedPatient, SignedCode
from providers.models import Device
from providers.selectors import devices_by_key_name
from providers.states import DeviceState

CODE = "/code"


class CodeTooLong(DomainError):
    code = "CODE_TOO_LONG"
    status = 422
    message = _("Ce code est trop long : %(limit)s caractères au plus. Rien n’a été enregistré.")


class CodeForeign(DomainError):
    code = "CODE_FOREIGN"
    status = 422
    message = _(
        "Ce n’est pas le code d’une ordonnance Waraqa. Scannez l’autre code du papier, ou tapez le "
        "numéro. Rien n’a été enregistré."
    )


class CodeDamaged(DomainError):
    code = "CODE_DAMAGED"
    status = 422
    message = _(
        "Ce code est coupé, abîmé ou mal écrit. Scannez-le de nouveau, ou tapez le numéro. Rien n’a été "
        "enregistré."
    )


class CodeAlgorithm(DomainError):
    code = "CODE_ALGORITHM"
    status = 422
    message = _("Ce code n’est pas signé en ES256 : il est refusé. Rien n’a été enregistré.")


class CodeSignatureInvalid(DomainError):
    code = "CODE_SIGNATURE_INVALID"
    status = 422
    message = _(
        "Le code n’est pas signé par le poste qui signe l’ordonnance. Rien n’a été enregistré ; signez à "
        "nouveau."
    )


class CodeDiffers(DomainError):
    code = "CODE_DIFFERS"
    status = 422
    message = _(
        "Le code ne dit pas la même chose que l’ordonnance signée. Rien n’a été enregistré ; signez à "
        "nouveau."
    )


_REFUSALS: dict[str, type[DomainError]] = {
    "TOO_LONG": CodeTooLong,
    "PREFIX": CodeForeign,
    "ALGORITHM": CodeAlgorithm,
}


def read_code(text: str) -> SignedCode:
    """Return what a code says, not yet trusted.

    Raises CodeTooLong, CodeForeign, CodeDamaged, CodeAlgorithm.
    """
    try:
        return codes.read(text)
    except CodeUnreadable as unreadable:
        refusal = _REFUSALS.get(unreadable.reason, CodeDamaged)
        raise refusal(pointer=CODE, limit=codes.LONGEST) from None


def check_code(
    text: str | None, *, document: dict[str, Any], patient: Person, device: Device
) -> None:
    """Refuse a code that is not this document's, signed by this device; none is no fault.

    Raises the refusals of `read_code`, CodeSignatureInvalid, CodeDiffers.
    """
    if text is None:
        return
    code = read_code(text)
    if code.kid != codes.kid_of(device.kid) or not codes.is_signed_by(code, device.public_jwk):
        raise CodeSignatureInvalid(pointer=CODE)
    printed = PrintedPatient(patient.full_name, patient.birth_date)
    if codes.payload(document, printed) != code.payload:
        raise CodeDiffers(pointer=CODE)


def keep_code(text: str | None, *, prescription: Prescription, at: datetime) -> None:
    """Keep a checked code beside its prescription; the first one is kept, for all its instances."""
    if text is None or selectors.code_of(prescription.fse_number) is not None:
        return
    PrescriptionCode.objects.create(
        prescription=prescription,
        insured_id=prescription.insured_id,
        text=text.strip(),
        received_at=at,
    )


@dataclass(frozen=True, slots=True)
class JudgedCode:
    """What a scanned code is worth; `prescription` is the one received under its number, if any."""

    verdict: Verdict
    code: SignedCode
    prescription: Prescription | None

    @property
    def fse_number(self) -> str:
        return str(self.code.content["fse_number"])

    @property
    def written_on(self) -> date:
        return date.fromisoformat(self.code.content["written_on"])


def judge_code(text: str) -> JudgedCode:
    """Judge a scanned code: what counts is that its key was valid when it signed.

    A prescription received before the key's revocation was signed before it. One that never came, of a
    key revoked since, proves nothing: whoever stole the key may have written any day. Raises as
    `read_code`.
    """
    code = read_code(text)
    prescription = selectors.prescription_by_number(code.content["fse_number"])
    return JudgedCode(_verdict(code, prescription), code, prescription)


def _verdict(code: SignedCode, prescription: Prescription | None) -> Verdict:
    devices = devices_by_key_name(code.kid)
    signer = next((each for each in devices if codes.is_signed_by(code, each.public_jwk)), None)
    if signer is None:
        return Verdict.ALTERED if devices else Verdict.UNKNOWN
    if not _speaks_for_itself(code, signer):
        return Verdict.ALTERED
    if prescription is not None:
        same = _is_that_of(code, prescription, signer)
        return Verdict.GENUINE if same else Verdict.ALTERED
    written_on = date.fromisoformat(code.content["written_on"])
    if signer.state != DeviceState.ACTIVE or written_on < localdate(signer.enrolled_at):
        return Verdict.REVOKED
    return Verdict.NOT_RECEIVED


def _speaks_for_itself(code: SignedCode, signer: Device) -> bool:
    """Whether the provider and the number are the signing device's own."""
    number = code.content["fse_number"]
    mine: bool = code.content["provider"] == signer.provider.inpe
    return mine and number[:PREFIX_LENGTH] == signer.prefix


def _is_that_of(code: SignedCode, prescription: Prescription, signer: Device) -> bool:
    if prescription.device_id != signer.pk:
        return False
    kept = selectors.code_of(prescription.fse_number)
    if kept is not None:
        return codes.read(kept).payload == code.payload
    # The software that sent the document kept its code: the document alone is compared.
    return codes.payload(prescription.document, code.patient) == code.payload
