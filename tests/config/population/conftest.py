"""One small country for the tests of this folder: made once, written once."""

from pathlib import Path

import pandas as pd
import pytest

from config.population.making import Population, make_population
from config.population.writing import write_population


@pytest.fixture(scope="session")
def made() -> Population:
    return make_population(members=3_000, providers=300, claims=9_000, seed=9_001)


@pytest.fixture(scope="session")
def written(made: Population, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    write_population(made, folder)
    return folder


@pytest.fixture(scope="session")
def files(written: Path) -> dict[str, pd.DataFrame]:
    """Every file as its text, by name."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(written.glob("*.csv"))
    }
