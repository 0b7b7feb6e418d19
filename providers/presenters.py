"""Providers and devices as the API says them."""

from typing import Any

from core.languages import in_both_languages
from providers.models import Device, Provider, ProviderKind

Json = dict[str, Any]


def provider_output(provider: Provider) -> Json:
    """A provider as it signs a paper."""
    return {"inpe": provider.inpe, "name": provider.name, "name_ar": provider.name_ar}


def acting_provider_output(provider: Provider, standing: str) -> Json:
    """A provider one may act for, with the standing."""
    return {
        **provider_output(provider),
        "kind": {
            "code": provider.kind,
            "label": in_both_languages(ProviderKind(provider.kind).label),
        },
        "speciality": provider.speciality,
        "sector": provider.sector,
        "standing": standing,
    }


def device_output(device: Device) -> Json:
    """A signing device."""
    return {
        "kid": device.kid,
        "prefix": device.prefix,
        "label": device.label,
        "provider": device.provider.inpe,
        "state": device.state,
        "enrolled_at": device.enrolled_at.isoformat(),
    }
