"""The papers of the demonstration, kept on disk: played again, it sends the same bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass(slots=True)
class Journal:
    """The papers already written and the day they were written on."""

    path: Path
    content: dict[str, Any]

    @classmethod
    def open(cls) -> "Journal":
        path = settings.VAR_DIR / "demo" / "journal.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(path, content)

    def keep(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what was kept under `name`, or make it, keep it on disk, and return it."""
        if name not in self.content:
            self.content[name] = make()
            self.path.write_text(json.dumps(self.content, indent=1), encoding="utf-8")
        return self.content[name]
