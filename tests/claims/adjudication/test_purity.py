"""The engine runs anywhere: standard library, core.money and core.periods, nothing else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import claims.adjudication

PACKAGE = Path(claims.adjudication.__file__).parent
ALLOWED = {"core.money", "core.periods"}
LOADING = {PACKAGE / "legislation" / "loader.py", PACKAGE / "__main__.py"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(module):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_imports_nothing_from_outside(module):
    foreign = {
        name
        for name in imported(module)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("claims.adjudication")
        and name not in ALLOWED
    }

    assert foreign == ({"yaml"} if module.name == "loader.py" else set())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_only_the_command_line_loads_the_loader(module):
    loads = any(name.startswith("claims.adjudication.legislation") for name in imported(module))

    assert not loads or module in LOADING


def test_a_law_handed_in_as_json_needs_no_yaml(tmp_path):
    law = tmp_path / "law.json"
    law.write_text(_law_as_json(), encoding="utf-8")
    program = (
        "import json, sys; sys.modules['yaml'] = None; sys.modules['django'] = None\n"
        "from claims.adjudication import Law\n"
        "from claims.adjudication.batch import judge_lines\n"
        f"law = Law.from_dict(json.load(open({str(law)!r}, encoding='utf-8')))\n"
        "print(law.digest, list(judge_lines([b'{}'], law))[0][1])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parents[1], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == "False"


def _law_as_json():
    import json

    from tests.claims.adjudication.builders import LAW

    return json.dumps(LAW.to_dict())
