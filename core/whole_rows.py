"""Whole rows of models, out of statements written by hand."""

from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class WholeRow(Generic[M]):
    """The columns of a model under an alias, and the way back from the values to an instance."""

    def __init__(self, model: type[M], alias: str) -> None:
        fields = model._meta.concrete_fields
        self._model = model
        self._names = [field.attname for field in fields]
        self._readers = [
            (place, field.from_db_value)
            for place, field in enumerate(fields)
            if hasattr(field, "from_db_value")
        ]
        self.columns = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.width = len(fields)

    def read(self, row: tuple[Any, ...], first: int = 0) -> M | None:
        """Return the instance whose values begin at `first`, or None when an outer join found none."""
        values = list(row[first : first + self.width])
        if values[0] is None:
            return None
        for place, reader in self._readers:
            values[place] = reader(values[place], None, connection)
        return self._model.from_db(connection.alias, self._names, values)
