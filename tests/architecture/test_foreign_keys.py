"""Foreign keys obey the arrows between rooms: a table knows tables of its own room and of rooms below."""

from typing import Any

import pytest
from django.apps import apps

from tests.world import OUR_ROOMS

BELOW = {
    "core": set(),
    "accounts": {"core"},
    "providers": {"accounts", "core"},
    "insured": {"accounts", "core"},
    "prescriptions": {"insured", "providers", "accounts", "core"},
    "claims": {"prescriptions", "insured", "providers", "accounts", "core"},
    "fraud": {"claims", "prescriptions", "insured", "providers", "accounts", "core"},
    "payments": {"claims", "prescriptions", "insured", "providers", "accounts", "core"},
    "sync": {"claims", "prescriptions", "insured", "providers", "accounts", "core"},
}
TABLES = [model for room in OUR_ROOMS for model in apps.get_app_config(room).get_models()]


def test_every_room_with_tables_has_its_arrows() -> None:
    assert set(BELOW) == set(OUR_ROOMS)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: Any) -> None:
    room = model._meta.app_label

    pointed = {
        field.related_model._meta.app_label
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model is not None
    }

    assert (pointed & set(OUR_ROOMS)) - BELOW[room] - {room} == set()
