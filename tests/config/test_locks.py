"""The locks pin everything, for every Python and every machine, and name no registry."""

import ast
import functools
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from config.embedded.addresses import CHECKOUT

PIN = re.compile(r"^(?P<name>[a-z0-9._-]+(\[[a-z,]+\])?)==\S+", re.MULTILINE)


def test_python_lock_pins_each_package_by_hash() -> None:
    text = (CHECKOUT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=\S)", text)

    pinned = [block for block in blocks if PIN.match(block)]

    assert len(pinned) > 100
    assert [block.splitlines()[0] for block in pinned if "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_python_lock_serves_the_oldest_python_too() -> None:
    text = (CHECKOUT / "requirements.lock").read_text()

    # the redis client needs it before 3.11.3 only, as on Debian 12
    assert re.search(r"^async-timeout==\S+ ; python_full_version < '3\.11\.3'", text, re.MULTILINE)


def test_browser_lock_pins_each_package_by_hash_without_its_address() -> None:
    lock = json.loads((CHECKOUT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert len(packages) >= 4
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_every_package_imported_is_asked_for() -> None:
    """What is installed here by chance is missing in a fresh clone."""
    asked = _asked_for()

    missing = {
        f"{file.relative_to(CHECKOUT)}: {name}"
        for file in _sources()
        for name in _packages_imported(file)
        if not _distributions(name) & asked
    }

    assert missing == set()


def _asked_for() -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    asked = {_normal(re.split(r"[\[<>=~! ]", line)[0]) for line in wanted}
    # parts of what is asked for, that its documentation tells to import
    return asked | {
        "kombu",
        "billiard",
        "lxml",
        "numpy",
        "cbor2",
        "asn1crypto",
        "pyhanko-certvalidator",
    }


def _sources() -> list[Path]:
    rooms = [folder for folder in CHECKOUT.iterdir() if (folder / "__init__.py").exists()]
    return [file for room in rooms for file in room.rglob("*.py")]


def _packages_imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    ours = {folder.name for folder in CHECKOUT.iterdir()}
    return names - set(sys.stdlib_module_names) - ours


@functools.cache
def _distributions_by_package() -> Mapping[str, list[str]]:
    return packages_distributions()


def _distributions(package: str) -> set[str]:
    return {_normal(name) for name in _distributions_by_package().get(package, [])}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
