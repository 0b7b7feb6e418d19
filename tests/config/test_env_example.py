"""`.env.example` names every setting that is read, and no other."""

import ast
import re
from pathlib import Path

from config.embedded.addresses import CHECKOUT

# read before settings, by what starts the product
READ_ELSEWHERE = {"CHROMIUM"}
# given by the test runner to its own processes
OF_THE_RUNNER = {"PYTEST_XDIST_WORKER"}
READERS = {"env", "required", "get"}


def test_every_setting_read_is_in_the_example() -> None:
    assert _settings_read() - _settings_shown() - OF_THE_RUNNER == set()


def test_every_setting_in_the_example_is_read() -> None:
    assert _settings_shown() - _settings_read() - READ_ELSEWHERE == set()


def _settings_shown() -> set[str]:
    text = (CHECKOUT / ".env.example").read_text()
    return set(re.findall(r"^#?([A-Z][A-Z_0-9]+)=", text, re.MULTILINE))


def _settings_read() -> set[str]:
    files = (CHECKOUT / "config" / "settings").glob("*.py")
    return {name for file in files for name in _names_read(file)}


def _names_read(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and node.args and _reads_environment(node.func):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                names.add(first.value)
    return {name for name in names if name.isupper()}


def _reads_environment(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in READERS
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id == "env"
    return ast.unparse(function).endswith("environ.get")
