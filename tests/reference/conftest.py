"""Files for the imports: the real lists where the shared data is at hand, small ones written on the spot."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from core.imports.loading import Edition

SHARED = settings.BASE_DIR.parent / "shared" / "data"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

Writer = Callable[..., Path]


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the real lists (../shared/data) are not on this machine")
    return SHARED


@pytest.fixture
def write_csv(tmp_path: Path) -> Writer:
    def write(
        columns: Sequence[str],
        *rows: Sequence[str],
        encoding: str = "utf-8",
        name: str = "list.csv",
    ) -> Path:
        lines = [columns, *rows]
        text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def edition() -> Callable[[str], Edition]:
    def make(day: str) -> Edition:
        return Edition(valid_from=date.fromisoformat(day), source="test", by="system:test", at=AT)

    return make
