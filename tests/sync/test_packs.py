"""Reference packs on the server: what is sealed, when a new one is made, what a difference gives."""

import gzip
import json
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256

import brotli
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from claims.adjudication.pack import canonical
from claims.models import Act
from core import signatures
from prescriptions.models import MedicinePrice
from providers.services import revoke_device
from sync.models import Pack, PackPart
from sync.rules.differences import difference
from sync.selectors import changes_between, part_of
from sync.services import make_pack
from sync.tasks import make_pack as beat
from tests import world
from tests.api.conftest import Api, assert_problem
from tests.claims.adjudication.builders import LAW, a_case

PARTS = ["law", "medicines", "acts", "prescribers", "safety", "engine"]
DAY = timedelta(days=1)


@pytest.fixture
def doctor(db):
    world.act("C")
    return world.practice()


def made(at=world.NOW):
    return make_pack(by="system:test", at=at)


def content(pack, name):
    return bytes(part_of(pack, name).content)


def rows(pack, name):
    return json.loads(content(pack, name))


def applied(old, changes):
    """What a device does with a difference."""
    kept = {key: row for key, row in old.items() if key not in changes["removed"]}
    return kept | changes["changed"] | changes["added"]


def test_a_pack_is_sealed_and_each_part_is_what_the_seal_says(doctor):
    box = world.medicine(inn="PARACETAMOL", name="DOLIPRANE", presentation="1 BOITE 16 COMPRIME")

    pack = made()

    said = {name: each for name, each in pack.manifest.items() if name != "signature"}
    seal = pack.manifest["signature"]
    assert signatures.is_signed(said, seal["value"], seal["jwk"])
    assert [part["name"] for part in said["parts"]] == PARTS
    for part in said["parts"]:
        kept = part_of(pack, part["name"])
        assert sha256(bytes(kept.content)).hexdigest() == part["sha256"]
        assert brotli.decompress(bytes(kept.compressed)) == bytes(kept.content)
        assert (len(kept.content), len(kept.compressed)) == (part["bytes"], part["compressed"])
    assert rows(pack, "law") == LAW.to_dict()["parameters"]
    assert said["law"] == LAW.digest
    assert rows(pack, "medicines") == {
        box.ean: {
            "name": "DOLIPRANE",
            "inn": "PARACETAMOL",
            "strength": "500",
            "strength_unit": "MG",
            "form": "COMPRIME",
            "presentation": "1 BOITE 16 COMPRIME",
            "kind": "P",
            "table": None,
            "size": [16, "comprime"],
            "prices": [
                {
                    "valid": ["2020-01-01", None],
                    "public_price": "75.00",
                    "base_price": "60.00",
                    "list_rate": "0.70",
                }
            ],
        }
    }
    assert rows(pack, "acts")["C|2020-01-01"]["letter"] == "C"
    assert rows(pack, "prescribers")[doctor.device.kid] == {
        "jwk": doctor.device.public_jwk,
        "provider": doctor.provider.inpe,
        "from": "2026-11-20",
        "until": None,
    }


def test_nobody_is_named_in_a_pack(doctor):
    patient = world.person(last_name="Canari")
    shop = world.pharmacy()
    pack = made()

    text = b"".join(content(pack, name) for name in PARTS).decode(errors="replace")

    for private in (
        doctor.provider.name,
        doctor.user.full_name,
        patient.last_name,
        patient.cin,
        shop.device.kid,
    ):
        assert private not in text


def test_a_new_pack_is_made_only_for_a_reason(doctor):
    first = made()

    assert made(world.NOW + DAY) is None
    renewed = made(world.NOW + 4 * DAY)  # half of seven days has passed
    world.medicine()
    changed = made(world.NOW + 4 * DAY)

    assert renewed.manifest["parts"] == first.manifest["parts"]
    assert renewed.valid_until == world.NOW + 11 * DAY
    assert changed.manifest["parts"] != first.manifest["parts"]


def test_contents_of_packs_long_ended_are_let_go(doctor):
    first = made()
    world.medicine()

    second = made(world.NOW + DAY)
    both = PackPart.objects.filter(name="medicines").count()
    made(world.NOW + 8 * DAY)
    still = PackPart.objects.filter(name="medicines").count()
    made(world.NOW + 70 * DAY)

    assert both == still == 2
    assert PackPart.objects.filter(name="medicines").count() == 1
    assert Pack.objects.count() == 4
    assert content(second, "medicines")
    with pytest.raises(Exception, match="PACK_NOT_FOUND"):
        changes_between(first, second)


def test_the_clock_and_the_command_make_one(doctor, capsys):
    beat()
    call_command("make_pack")

    assert Pack.objects.count() == 1
    assert "Rien n’a changé" in capsys.readouterr().out


def test_a_difference_gives_the_very_bytes_of_the_new_pack(doctor):
    world.medicine()
    gone, dearer = world.medicine(), world.medicine()
    old = made()
    gone.delete()
    MedicinePrice.objects.filter(medicine=dearer).update(public_price_centimes=8_000)
    world.medicine()
    world.act("Cs")
    Act.objects.filter(code="C").update(label="Consultation, l’après-midi ✓")
    world.practice()
    revoke_device(device=doctor.device, by=doctor.user, at=world.NOW)
    new = made(world.NOW + DAY)

    changes = json.loads(json.dumps(changes_between(old, new)))

    assert (changes["whole"], list(changes["parts"])) == ([], ["medicines", "acts", "prescribers"])
    for name, each in changes["parts"].items():
        assert canonical(applied(rows(old, name), each)) == content(new, name)
        assert each["added"]
        assert each["changed"]
    assert changes["parts"]["medicines"]["removed"] == [gone.ean]
    assert list(changes["parts"]["prescribers"]["changed"]) == [doctor.device.kid]


ROWS = st.dictionaries(st.text("abé|1", max_size=3), st.integers(0, 3) | st.none(), max_size=8)


@given(ROWS, ROWS)
def test_a_difference_applied_is_exact_whatever_the_rows(old, new):
    changes = difference(old, new)

    assert canonical(applied(old, changes)) == canonical(new)
    assert difference(new, new) == {"added": {}, "changed": {}, "removed": []}


def test_the_engine_of_a_pack_judges_where_nothing_is_installed(doctor, tmp_path):
    pack = made()
    (tmp_path / "engine.zip").write_bytes(content(pack, "engine"))
    (tmp_path / "law.json").write_bytes(content(pack, "law"))
    (tmp_path / "case.json").write_text(json.dumps(a_case()))
    program = (
        "import json, sys; sys.path.insert(0, 'engine.zip')\n"
        "from claims.adjudication import Law\n"
        "from claims.adjudication.batch import judge_lines\n"
        "law = Law.from_dict({'parameters': json.load(open('law.json'))})\n"
        "print(law.digest, next(judge_lines(open('case.json', 'rb'), law))[0])\n"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    digest, answer = done.stdout.split(" ", 1)
    assert digest == pack.manifest["law"]
    assert json.loads(answer)["total_reimbursed"] == "56.00"


def test_the_api_gives_the_list_the_parts_and_the_changes(doctor):
    api = Api(user=doctor.user)
    assert_problem(api.get("packs/latest"), 404, "PACK_NOT_FOUND")
    old = made()
    world.medicine()
    new = made(world.NOW + DAY)

    latest = api.get("packs/latest").json()
    plain = api.get(f"packs/{new.pk}/medicines")
    api.headers["HTTP_ACCEPT_ENCODING"] = "gzip"
    zipped = api.get(f"packs/{new.pk}/medicines")
    api.headers["HTTP_ACCEPT_ENCODING"] = "gzip, br"
    brief = api.get(f"packs/{new.pk}/engine")
    changes = api.get(f"packs/{new.pk}/changes", since=str(old.pk))

    assert latest == new.manifest
    assert plain.content == content(new, "medicines")
    assert gzip.decompress(zipped.content) == plain.content
    assert brotli.decompress(brief.content) == content(new, "engine")
    assert (brief["Content-Encoding"], brief["Content-Type"]) == ("br", "application/zip")
    assert "immutable" in plain["Cache-Control"]
    assert "private" in plain["Cache-Control"]
    assert json.loads(gzip.decompress(changes.content)) == changes_between(old, new)


def test_what_is_not_there_is_said_and_nothing_changes(doctor):
    pack = made()
    api = Api(user=doctor.user)
    nowhere = "01936a43-1f20-7d10-8b11-6c0f9e2d7a3b"
    before = world.rows_everywhere()

    assert_problem(api.get(f"packs/{nowhere}/law"), 404, "PACK_NOT_FOUND")
    assert_problem(api.get(f"packs/{pack.pk}/people"), 404, "PACK_NOT_FOUND")
    assert_problem(api.get(f"packs/{nowhere}/changes", since=str(pack.pk)), 404, "PACK_NOT_FOUND")
    assert_problem(api.get(f"packs/{pack.pk}/changes"), 422, "INVALID_ENTRY")
    assert_problem(api.get(f"packs/{pack.pk}/changes", since="x"), 422, "INVALID_ENTRY")

    assert world.rows_everywhere() == before
