"""The OpenAPI document says what the API does: whole, with examples, and true of real answers."""

from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from tests import world
from tests.api.conftest import ROOT, Api, signed_by

EMPTY = {"204"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return SchemaGenerator(api_version="1").get_schema(request=None, public=True)


def strict(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema that also refuses what is not documented."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: strict(value) for key, value in schema.items() if key != "nullable"}
    if "properties" in inner:
        inner.setdefault("additionalProperties", False)
    if schema.get("nullable") is True:
        return {"anyOf": [inner, {"type": "null"}]}
    return inner


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    components = {"components": strict(document["components"])}
    errors = Draft202012Validator({**strict(schema), **components}).iter_errors(value)
    assert [error.message for error in errors] == []


def operations(document: dict[str, Any]) -> Any:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def answer_schema(document: dict[str, Any], method: str, path: str, status: str) -> Any:
    content = document["paths"][ROOT + path][method]["responses"][status]["content"]
    return content["application/json"]["schema"]


def test_the_document_is_valid_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "api.yaml"))

    assert (tmp_path / "api.yaml").stat().st_size > 10_000


def test_every_answer_has_an_example_that_is_one(document):
    seen = 0
    for method, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status in EMPTY:
                continue
            for content in response["content"].values():
                if content["schema"].get("format") == "binary":
                    continue
                assert content.get("examples"), (method, path, status)
                for example in content["examples"].values():
                    check(document, content["schema"], example["value"])
                    seen += 1
    assert seen > 80


def test_every_request_example_is_one(document):
    seen = 0
    for _method, _path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        for example in content.get("application/json", {}).get("examples", {}).values():
            schema = content["application/json"]["schema"]
            check(document, schema, example["value"])
            seen += 1
    assert seen >= 5


@pytest.mark.django_db
def test_real_answers_are_as_documented(document, as_doctor, as_pharmacist, doctor, shop, box):
    patient = world.person()
    world.diabetes(patient)
    written = signed_by(doctor, world.prescription_document(doctor, patient, [box]))
    receipt = as_doctor.post("prescriptions", written)
    number = receipt.json()["fse_number"]
    held = as_pharmacist.post(f"prescriptions/{number}/custody", {})
    read = as_pharmacist.get(f"prescriptions/{number}")
    claim = as_doctor.post("claims", signed_by(doctor, world.care_document(doctor, patient)))
    real = {
        ("get", "session", "200"): as_doctor.get("session"),
        ("post", "prescriptions", "201"): receipt,
        ("post", "prescriptions/{fse_number}/custody", "200"): held,
        ("get", "prescriptions/{fse_number}", "200"): read,
        ("post", "claims", "201"): claim,
        ("get", "claims", "200"): as_doctor.get("claims"),
        ("get", "claims/{claim_id}", "200"): as_doctor.get(f"claims/{claim.json()['id']}"),
        ("get", "medicines", "200"): as_doctor.get("medicines", q=box.name),
        ("get", "medicines/{ean}", "200"): as_doctor.get(f"medicines/{box.ean}"),
        ("get", "acts", "200"): as_doctor.get("acts", q="acte"),
        ("post", "rights-checks", "200"): as_doctor.post(
            "rights-checks", {"cin": patient.cin, "day": world.TODAY.isoformat()}
        ),
    }

    for (method, path, status), response in real.items():
        assert response.status_code == int(status), path
        check(document, answer_schema(document, method, path, status), response.json())


@pytest.mark.django_db
def test_the_page_is_public_and_loads_nothing_from_elsewhere():
    stranger = Api()

    page = stranger.get("docs")
    script = stranger.client.get(ROOT + "docs?script=")
    schema = stranger.get("schema", format="json")

    html = page.content.decode()
    assert page.status_code == 200
    assert "http://" not in html
    assert "https://" not in html
    assert "<script>" not in html
    policy = {each.strip() for each in page["Content-Security-Policy"].split(";")}
    assert {"script-src 'self'", "default-src 'none'"} <= policy
    assert script["Content-Type"].startswith("application/javascript")
    assert ROOT + "schema" in script.content.decode()
    assert schema.json()["openapi"].startswith("3.")
