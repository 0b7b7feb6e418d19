"""The reference pack in a real browser: kept whole and checked, refreshed by difference, searched offline."""

import itertools
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from core import clock
from prescriptions.gateways import shipped_thesaurus
from prescriptions.models import Medicine, MedicinePrice
from prescriptions.rules.safety import Product
from prescriptions.rules.safety.alerts import RANK, Level
from sync.models import Pack
from sync.services import make_pack
from tests import world
from tests.journeys.conftest import PHONE
from tests.journeys.offline import engine_kept

pytestmark = pytest.mark.journey

PAGE = "/postes/hors-ligne/"
PACK = "/static/js/offline/pack.js"
ENSURE = """async () => {
  const { ensurePack } = await import("/static/js/offline/pack.js");
  try { return (await ensurePack()).id } catch (error) { return error.code ?? error.constructor.name }
}"""
KEPT = """async () => {
  const { current, partBytes } = await import("/static/js/offline/pack_store.js");
  const hex = (raw) => [...new Uint8Array(raw)].map((each) => each.toString(16).padStart(2, "0")).join("");
  const pack = await current();
  const found = {};
  for (const { name } of pack?.manifest.parts ?? []) {
    found[name] = hex(await crypto.subtle.digest("SHA-256", await partBytes(name)));
  }
  return [pack?.manifest.id ?? null, found];
}"""
ASK = f"""async ([name, ...given]) => (await import("{PACK}"))[name](...given)"""
ONLINE = "async ([path]) => (await (await fetch(`/api/v1/${path}`)).json()).results"
# Brands, substances, codes, beginnings, small errors, accents, two words.
QUERIES = """
DOLIPRANE|doliprane|dolipran|dolipranne|DOLIPRANE 500|paracetamol|paracétamol|paracetamole|amoxicilline
amoxiciline|AMOXIL|augmentin|augmentine|metformine|metformin|glucophage|glucophag|insuline|LANTUS|ventoline
ventolin|salbutamol|omeprazole|oméprazole|mopral|aspirine|kardegic|kardégic|furosemide|lasilix|lasilx
amlodipine|amlor|atorvastatine|tahor|levothyroxine|lévothyroxine|levothyrox|prednisolone|solupred|diclofenac
voltarene|voltarène|ibuprofene|ibuprofène|morphine|tramadol|6118000|61180001|611800017014
""".replace("\n", "|").strip("|").split("|")  # fmt: skip


@pytest.fixture
def doctor(transactional_db):
    world.act("C")
    return world.practice()


def made(later=timedelta()):
    return make_pack(by="system:test", at=clock.now() + later)


def digests(pack):
    return {part["name"]: part["sha256"] for part in pack.manifest["parts"]}


def test_a_pack_is_kept_whole_then_refreshed_by_difference(open_page, doctor):
    world.medicine()
    gone, dearer = world.medicine(), world.medicine()
    first = made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    assert page.evaluate(ENSURE) == str(first.pk)
    assert page.evaluate(KEPT) == [str(first.pk), digests(first)]

    gone.delete()
    MedicinePrice.objects.filter(medicine=dearer).update(public_price_centimes=8_000)
    world.medicine(name="ÉLIXIR “d’été” \u2028")
    second = made(timedelta(hours=1))
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    assert page.evaluate(ENSURE) == str(second.pk)
    assert page.evaluate(KEPT) == [str(second.pk), digests(second)]
    assert any("/changes?" in url for url in asked)
    assert not any(url.endswith(f"{second.pk}/medicines") for url in asked)
    assert page.evaluate(ASK, ["medicine", gone.ean]) is None
    assert page.evaluate(ASK, ["medicine", dearer.ean])["price"]["public"] == "80.00"


def test_what_was_changed_on_the_way_is_not_kept(open_page, doctor):
    world.medicine()
    first = made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    page.evaluate(ENSURE)
    world.medicine()
    made(timedelta(hours=1))

    page.route("**/packs/*/changes*", lambda route: route.fulfill(status=404, json={}))
    page.route("**/packs/*/medicines", lambda route: route.fulfill(status=200, body="{}"))
    assert page.evaluate(ENSURE) == "PART_WRONG"

    page.route("**/packs/latest", lambda route: route.fulfill(json=forged(first)))
    assert page.evaluate(ENSURE) == "SEAL_WRONG"

    page.unroute("**/packs/latest")
    page.route("**/packs/*/medicines", lambda route: route.abort())
    assert page.evaluate(ENSURE) == "Unreachable"

    assert page.evaluate(KEPT) == [str(first.pk), digests(first)]


def forged(pack):
    return {**pack.manifest, "valid_until": "2999-01-01T00:00:00+00:00"}


def test_another_seal_is_never_taken_silently(open_page, doctor, settings):
    first = made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    page.evaluate(ENSURE)
    settings.SEAL_KEY = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
    world.medicine()
    made(timedelta(hours=1))

    assert page.evaluate(ENSURE) == "SEAL_CHANGED"
    assert page.evaluate(KEPT)[0] == str(first.pk)


def list_shipped(settings):
    """The medicines that come with Waraqa."""
    shipped = settings.BASE_DIR / "fixtures/reference/medicines.csv"
    call_command("import_medicines", str(shipped), "--valid-from", "2014-01-01")


def test_searches_find_what_the_server_finds_in_its_order(open_page, doctor, settings):
    list_shipped(settings)
    made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    page.evaluate(ENSURE)

    differ = []
    for query in QUERIES:
        online = page.evaluate(ONLINE, [f"medicines?{urlencode({'q': query})}"])
        offline = page.evaluate(ASK, ["searchMedicines", query])
        if online != offline:
            differ.append((query, [each["label"] for each in online + offline]))

    assert len(QUERIES) == 50
    assert differ == []
    some = Medicine.objects.first().ean
    online = page.evaluate(ONLINE, [f"medicines/{some}/equivalents"])
    assert page.evaluate(ASK, ["equivalentsOf", some]) == online
    assert [act["code"] for act in page.evaluate(ASK, ["searchActs", "c"])][:1] == ["C"]
    kid = doctor.device.kid
    assert page.evaluate(ASK, ["prescriberKey", kid])["jwk"] == doctor.device.public_jwk


def test_the_safety_subset_says_what_the_thesaurus_says(open_page, doctor, settings):
    list_shipped(settings)
    made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    page.evaluate(ENSURE)
    boxes = list(Medicine.objects.order_by("ean"))[::2]

    told = page.evaluate(ASK, ["safetyPairs", [each.ean for each in boxes]])["pairs"]

    assert {tuple(each["eans"]) for each in told} == {
        (one.ean, other.ean) for one, other in itertools.combinations(boxes, 2) if grave(one, other)
    }
    assert len(told) > 20
    for each in told:
        assert (
            each["levels"]
            == grave(*(box_of(boxes, ean) for ean in each["eans"]))[tuple(each["substances"])]
        )


def box_of(boxes, ean):
    return next(each for each in boxes if each.ean == ean)


def grave(one, other):
    """The grave entries between two medicines, by substances: the first the thesaurus names."""
    found = {}
    for each in shipped_thesaurus().between(product(one), product(other)):
        if each.interaction.rank >= RANK[Level.NOT_RECOMMENDED]:
            levels = [[level.level.value, level.text] for level in each.interaction.conditions]
            found.setdefault(tuple(each.substances), levels)
    return found


def product(box):
    return Product(box.ean, box.name, box.inn, box.form, box.strength, box.strength_unit)


ESTIMATE = """async (facts) => {
  const { estimate } = await import("/static/js/offline/estimate.js");
  return estimate(facts);
}"""


def facts(doctor, known=None):
    line = {"position": 1, "act": "C", "quantity": 1, "charged": "200.00", "illness": None}
    return {
        "received_date": clock.today().isoformat(),
        "treatment_end_date": None,
        "provider": {"inpe": doctor.provider.inpe, "sector": "PRIVATE", "agreements": None},
        "known": known,
        "lines": [{**line, "care_date": clock.today().isoformat()}],
    }


def test_amounts_are_told_with_no_network_and_null_where_the_engine_cannot_run(open_page, doctor):
    made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    assert page.evaluate(ESTIMATE, facts(doctor)) is None  # no pack yet
    page.evaluate(ENSURE)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    engine_kept(page)

    page.context.set_offline(True)
    page.reload()
    told = page.evaluate(ESTIMATE, facts(doctor))
    page.context.set_offline(False)

    assert told["total_reimbursed"] == "56.00"
    assert told["lines"][0]["steps"]
    assert told["assumed"] == ["RIGHTS_ASSUMED", "PROVIDER_ASSUMED"]


def test_webassembly_runs_in_the_worker_alone(open_page, doctor):
    page = open_page(doctor.user)
    answer = page.goto(PAGE)
    worker = page.request.get(f"{PAGE}moteur.js")

    assert "wasm" not in answer.headers["content-security-policy"]
    assert "'wasm-unsafe-eval'" in worker.headers["content-security-policy"]
    assert "unsafe-inline" not in worker.headers["content-security-policy"]


def test_the_page_tells_what_is_kept(open_page, doctor, language, no_serious_finding):
    world.medicine()
    made()
    page = open_page(doctor.user, language)
    page.goto(PAGE)
    expect(page.locator("#none")).to_be_visible()

    page.locator("#refresh").click()

    expect(page.locator("#notices .notice[data-state=paid]")).to_be_visible()
    expect(page.locator("#parts > div")).to_have_count(6)
    expect(page.locator("#pack")).to_be_visible()
    page.locator("#try-engine").click()
    expect(page.locator('#engine [data-t="started"]')).to_contain_text("3.14", timeout=60_000)
    no_serious_finding(page)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_refused_pack_is_said_and_the_old_one_stays(open_page, doctor, language):
    made()
    page = open_page(doctor.user, language)
    page.goto(PAGE)
    page.locator("#refresh").click()
    expect(page.locator("#parts > div")).to_have_count(6)
    page.route("**/packs/latest", lambda route: route.fulfill(json=forged(Pack.objects.get())))

    page.locator("#refresh").click()

    expect(page.locator("#notices .notice[role=alert]")).to_be_visible()
    expect(page.locator("#parts > div")).to_have_count(6)
