"""Reads the law from its YAML files; the only module of the engine that needs PyYAML.

Strict: an unknown file, family or key, a gap, a duplicate, a missing reference or a wrong day stops
the load with an error that names the file and the key (docs/adr/0010-law-in-yaml.md).
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from claims.adjudication.law import Law
from claims.adjudication.parameters import SINGLE, LawError, Parameter, parameter_from_dict
from core.money import parse_dirhams, parse_rate

LEGISLATION = Path(__file__).parent
_FILE_KEYS = {"description", "unit", "values", "values_by"}
_ENDED = "null"
_FILE_NAME = re.compile(r"\w+/\w+\.yaml", re.ASCII)
_NOT_LAW = {".py", ".pyc"}


def _whole(text: str) -> int:
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


# Unit as written in a file: the core's unit, and how the text is read.
_UNITS: dict[str, tuple[str, Callable[[str], int]]] = {
    "dirhams": ("centimes", parse_dirhams),
    "rate": ("basis_points", parse_rate),
    "months": ("months", _whole),
    "days": ("days", _whole),
    "years": ("years", _whole),
    "minutes": ("minutes", _whole),
    "seconds": ("seconds", _whole),
    "uses": ("uses", _whole),
    "applies": ("applies", _whole),
}


@cache
def load_law(folder: Path = LEGISLATION) -> Law:
    """The law written under a folder, read once per process. Raises LawError."""
    texts = read_folder(folder)
    if not texts:
        raise LawError(f"{folder}: no parameter file")
    return law_of(texts)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The parameter files under a folder, ``FAMILY/NAME.yaml`` to content. Raises LawError.

    Only Python's own files and hidden ones may lie beside them: a file under another name would be
    a figure that nobody reads.
    """
    texts = {}
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        path = file.relative_to(folder)
        if file.suffix in _NOT_LAW or any(part.startswith(".") for part in path.parts):
            continue
        texts[path.as_posix()] = file.read_bytes()
    return texts


def law_of(texts: Mapping[str, bytes]) -> Law:
    """The law written in parameter files, by name. Raises LawError naming the file and the key."""
    parameters = [each for name, text in texts.items() for each in _parameters(name, text)]
    try:
        return Law(parameters)
    except LawError as error:
        raise LawError(f"{file_of(error.key)}: {error}", key=error.key) from error


def law_with(files: Mapping[str, str], folder: Path = LEGISLATION) -> Law:
    """The law under a folder with some files written otherwise, or more files. Raises LawError."""
    changed = {name: text.encode() for name, text in files.items()}
    return law_of(read_folder(folder) | changed)


def file_of(key: str) -> str:
    """Name of the file that says a parameter."""
    family, name, *_variant = key.split(".")
    return f"{family}/{name}.yaml"


def _parameters(name: str, text: bytes) -> Iterator[Parameter]:
    """The parameters of one file: one, or one for each name under ``values_by``."""
    if not _FILE_NAME.fullmatch(name):
        raise LawError(f"{name}: a parameter file is named FAMILY/NAME.yaml")
    key = name.removesuffix(".yaml").replace("/", ".")
    try:
        content = yaml.load(text.decode("utf-8"), Loader=_TextLoader)  # noqa: S506
        for variant, values in _variants(key, content):
            yield parameter_from_dict(variant, _plain(variant, content, values))
    # RecursionError: brackets in brackets, thousands deep.
    except (LawError, yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise LawError(f"{name}: {error}") from error


def _variants(key: str, content: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(content, dict):
        raise LawError(f"{key}: the file must be a mapping")
    for unknown in sorted(set(content) - _FILE_KEYS):
        raise LawError(f"{key}: unknown key {unknown!r}")
    if ("values" in content) == ("values_by" in content):
        raise LawError(f"{key}: give either 'values' or 'values_by'")
    if "values" in content:
        yield key, content["values"]
        return
    if not isinstance(content["values_by"], dict) or not content["values_by"]:
        raise LawError(f"{key}: 'values_by' must map names to values")
    for name, values in content["values_by"].items():
        yield f"{key}.{name}", values


def _plain(key: str, content: dict[str, Any], values: Any) -> dict[str, Any]:
    """The content ``parameter_from_dict`` takes: core units, a list of values."""
    units = content.get("unit")
    units = units if isinstance(units, dict) else {SINGLE: units}
    for name, unit in units.items():
        if not isinstance(unit, str) or unit not in _UNITS:
            raise LawError(f"{key}: unknown unit {unit!r} of {name!r}")
    if not isinstance(values, dict):
        raise LawError(f"{key}: 'values' must map first days to values")
    plain = {
        "unit": {name: _UNITS[unit][0] for name, unit in units.items()},
        "values": [_value(f"{key}, {day}", day, value, units) for day, value in values.items()],
    }
    if "description" in content:
        plain["description"] = content["description"]
    return plain


def _value(where: str, day: str, value: Any, units: dict[str, str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LawError(f"{where}: 'value' and 'reference' are expected")
    if "from" in value:
        raise LawError(f"{where}: unknown key 'from'")
    plain = {"from": day, **value}
    if "value" in value:
        plain["value"] = _numbers(where, value["value"], units)
    return plain


def _numbers(where: str, value: Any, units: dict[str, str]) -> dict[str, int] | None:
    """Figures by name, in core units; None where the law ended the parameter."""
    if value == _ENDED:
        return None
    parts = value if isinstance(value, dict) else {SINGLE: value}
    if set(parts) != set(units):
        raise LawError(f"{where}: the value must give {', '.join(sorted(units))}")
    try:
        return {name: _UNITS[units[name]][1](text) for name, text in parts.items()}
    except ValueError as error:
        raise LawError(f"{where}: {error}") from error


class _TextLoader(yaml.BaseLoader):
    """Reads every scalar as text, so that YAML guesses nothing, and refuses a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise LawError(f"line {key_node.start_mark.line + 1}: a key must be a text")
            if key in seen:
                raise LawError(f"line {key_node.start_mark.line + 1}: {key!r} is given twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
