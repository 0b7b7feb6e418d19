"""Codes and keys as the API says them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from core.languages import in_both_languages
from prescriptions.services import JudgedCode
from providers.models import Device

Json = dict[str, Any]


def judged_output(judged: JudgedCode) -> Json:
    """What a scanned code is worth, with what opens its prescription."""
    return {
        "fse_number": judged.fse_number,
        "secret": judged.code.content["secret"],
        "written_on": judged.written_on.isoformat(),
        "verdict": {
            "code": judged.verdict.value,
            "label": in_both_languages(judged.verdict.label),
        },
    }


def prescriber_keys_output(devices: Iterable[Device], *, since: date | None, at: datetime) -> Json:
    """The keys of prescribers with the days each may sign, to be sealed."""
    return {
        "type": "waraqa/prescriber-keys",
        "version": 1,
        "issued_at": at.isoformat(),
        "since": since.isoformat() if since else None,
        "keys": [
            {
                "kid": device.kid,
                "jwk": device.public_jwk,
                "provider": device.provider.inpe,
                "from": localdate(device.enrolled_at).isoformat(),
                "until": _until(device),
            }
            for device in devices
        ],
    }


def _until(device: Device) -> str | None:
    """The first day on which what the key signs is not valid."""
    return localdate(device.invalid_since).isoformat() if device.invalid_since else None
