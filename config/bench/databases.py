"""Databases of the bench, beside the product's own on the same server: stocks kept, copies dropped.

A *stock* holds a judged history and is kept between runs; a *copy* of it is what a run measures on, so
that every run begins from the same pages.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

MAINTENANCE = "postgres"


@dataclass(frozen=True, slots=True)
class Address:
    """One database of a server, as libpq and as Django's settings write it."""

    host: str
    port: str
    user: str
    password: str
    name: str

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Address":
        """The address in an entry of Django's DATABASES."""
        parts = (settings["HOST"], settings["PORT"], settings["USER"], settings["PASSWORD"])
        return cls(*(str(part or "") for part in parts), name=str(settings["NAME"]))

    def called(self, name: str) -> "Address":
        """Another database of the same server."""
        return replace(self, name=name)

    def through(self, folder: str) -> "Address":
        """The same database behind the socket of a listener in `folder`."""
        return replace(self, host=folder, port="")

    @property
    def url(self) -> str:
        """What DATABASE_URL says; a socket's folder is percent-encoded."""
        login = quote(self.user, safe="")
        if self.password:
            login += f":{quote(self.password, safe='')}"
        port = f":{self.port}" if self.port else ""
        return f"postgres://{login}@{quote(self.host, safe='')}{port}/{quote(self.name, safe='')}"

    def connect(self, **options: Any) -> psycopg.Connection:
        """A connection in autocommit mode."""
        given = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        known = {name: value for name, value in given.items() if value}
        return psycopg.connect(**known, dbname=self.name, autocommit=True, **options)


@contextmanager
def server_of(address: Address) -> Iterator[psycopg.Connection]:
    """A connection to the server's maintenance database."""
    with address.called(MAINTENANCE).connect() as connection:
        yield connection


def exists(address: Address) -> bool:
    """Whether the server has this database."""
    with server_of(address) as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [address.name])
        return found.fetchone() is not None


def create(address: Address, *, like: Address | None = None) -> None:
    """Create a database, empty or as an exact copy of another that nobody is connected to."""
    drop(address)
    template = like.name if like else "template0"
    with server_of(address) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(address.name), sql.Identifier(template)
            )
        )


def drop(address: Address) -> None:
    """Drop a database of the bench, whoever is still connected."""
    with server_of(address) as server:
        name = sql.Identifier(address.name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def server_facts(address: Address) -> dict[str, str]:
    """Version and what decides of a commit's cost, as the server says it."""
    with server_of(address) as server:
        facts = {"postgresql": server.info.parameter_status("server_version") or ""}
        for name in ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers"):
            row = server.execute("SELECT current_setting(%s)", [name]).fetchone()
            facts[name] = str(row[0]) if row else ""
    return facts
