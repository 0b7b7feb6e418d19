"""The locks pin everything, for every Python and every machine, and name no registry."""

import json
import re

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
