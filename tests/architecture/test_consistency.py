"""Rules of the house that no linter knows: edges, addresses of machines, dependencies, sealed fields."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.template import engines

from core.sealed_fields import SealedCharField
from tests.design.strings import ROOT, catalogue_files, strings_of, translated
from tests.world import OUR_ROOMS

ROOMS = [*OUR_ROOMS, "config"]
EDGES = ("views", "views.py", "api", "tasks.py", "tasks", "management")
# The demonstration plays people against the finished product; it is not a room's edge.
TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()
TEXTS = [
    path
    for path in map(ROOT.joinpath, TRACKED)
    if path.is_file() and path.suffix not in {".png", ".woff2", ".xlsx", ".ico", ".pdf", ".ttf"}
]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_of(*rooms: str) -> list[Path]:
    return sorted(
        path
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    )


def edges() -> list[Path]:
    return [
        path
        for path in code_of(*ROOMS)
        if set(path.relative_to(ROOT).parts) & set(EDGES) and "demo" not in path.parts
    ]


@pytest.mark.parametrize("path", edges(), ids=shown)
def test_edges_ask_selectors_and_services(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    managers = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_base_manager"}
    ]

    assert managers == []


@pytest.mark.parametrize("path", code_of(*ROOMS, "bootstrap", "tests"), ids=shown)
def test_imports_are_absolute(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level
    ] == []


@pytest.mark.parametrize("path", code_of(*ROOMS), ids=shown)
def test_python_is_translated_into_arabic(path: Path) -> None:
    answers = {identifier for file in catalogue_files() for identifier in translated(file)}

    assert {text for text in strings_of(path) if text} - answers == set()


def test_every_template_is_asked_for() -> None:
    """A template that no code and no other template names is dead."""
    templates = ROOT / "templates"
    sources = [*code_of(*ROOMS), *templates.rglob("*.html")]
    everything = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    # Libraries and Django itself ask for these by their own names.
    asked_by_libraries = (
        "account/",
        "mfa/",
        "allauth/",
        "admin/",
        "400",
        "403",
        "404",
        "429",
        "500",
    )

    dead = []
    for path in templates.rglob("*.html"):
        name = str(path.relative_to(templates))
        component = f"<c-{path.stem.replace('_', '-')}"
        used = component in everything if name.startswith("cotton/") else name in everything
        if not used and not name.startswith(asked_by_libraries):
            dead.append(name)

    assert dead == []
    assert engines["django"].get_template("base.html")


# Written in two halves, so that this file does not hold what it looks for.
MACHINES = re.compile(r"(?<![\w./~-])/(?:work|root|home/\w+)/")
REGISTRIES = re.compile(
    "|".join(
        f"{first}{second}"
        for first, second in [
            ("registry\\.npm", "js\\.org"),
            ("pypi\\.", "org"),
            ("files\\.python", "hosted\\.org"),
            ("jf", "rog"),
            ("arti", "factory"),
            ("proxy\\.go", "lang"),
        ]
    )
)


@pytest.mark.parametrize(("pattern", "what"), [(MACHINES, "machine"), (REGISTRIES, "registry")])
def test_no_tracked_file_names_a_machine_or_a_registry(pattern: re.Pattern[str], what: str) -> None:
    found = {
        shown(path): pattern.findall(path.read_text(encoding="utf-8", errors="replace"))[:2]
        for path in TEXTS
    }

    assert {name: hits for name, hits in found.items() if hits} == {}


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]

    silent = [name for name in named if not re.search(rf'"{re.escape(name)}",\s*# \w', text)]

    assert silent == []


SENSITIVE = re.compile(r"^(cin|rib|phone|address|bank_account)$")


def test_sensitive_fields_are_sealed() -> None:
    open_fields = [
        f"{model._meta.label}.{field.name}"
        for room in OUR_ROOMS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if SENSITIVE.match(field.name) and not isinstance(field, SealedCharField)
    ]

    assert open_fields == []


def started_with(**settings: str) -> subprocess.CompletedProcess[str]:
    """Start the product in a process of its own with these settings, the rest as on this machine."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", **settings}
    command = [sys.executable, "-c", "import django; django.setup(); print('started')"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


def test_a_missing_secret_stops_the_start_with_what_to_do() -> None:
    # An empty variable is not overwritten by var/secrets.env: the environment wins.
    stopped = started_with(SECRET_KEY="")

    assert stopped.returncode != 0
    assert "SECRET_KEY is not set. Run `make setup`" in stopped.stderr
    assert "started" not in stopped.stdout


def test_another_database_stops_the_start_with_what_to_do() -> None:
    stopped = started_with(SECRET_KEY="essai", DATABASE_URL="sqlite:///somewhere.db")

    assert stopped.returncode != 0
    assert "DATABASE_URL must begin with postgres://" in stopped.stderr
    assert "started" not in stopped.stdout


@pytest.mark.parametrize(("debug", "allowed"), [("0", "False"), ("1", "True")])
def test_demonstration_logins_go_with_debug(debug: str, allowed: str) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "SECRET_KEY": "essai",
        "DATABASE_URL": "postgres://localhost/essai",
        "DEBUG": debug,
    }
    command = [
        sys.executable,
        "-c",
        "from django.conf import settings; print(settings.DEMO_LOGINS)",
    ]

    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert said.stdout.strip() == allowed, said.stderr
