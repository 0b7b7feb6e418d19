"""Processes that work on one database of the bench, each with its own Django under `settings.bench`."""

import os
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from config.bench.databases import Address

SETTINGS = "config.settings.bench"


def environment(address: Address) -> dict[str, str]:
    """What a process of the bench is told: which settings, which database."""
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": address.url}


def _begin(told: dict[str, str]) -> None:
    os.environ.update(told)
    import django

    django.setup()


class WorkFailed(RuntimeError):
    """A call failed in its process; the message is the traceback there."""


def _call(work: Callable[..., Any], *args: Any) -> Any:
    try:
        return work(*args)
    except Exception as error:  # not every exception survives the way between processes
        raise WorkFailed("".join(traceback.format_exception(error))) from None


class Worker:
    """One process; it answers one call at a time and keeps its caches and its connection."""

    def __init__(self, address: Address) -> None:
        self._pool = ProcessPoolExecutor(
            1,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(environment(address),),
        )

    def start(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        """Begin a call and return at once."""
        return self._pool.submit(_call, work, *args)

    def do(self, work: Callable[..., Any], *args: Any) -> Any:
        """Call and wait for the answer."""
        return self.start(work, *args).result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def crew(address: Address, size: int = 1) -> Iterator[list[Worker]]:
    """So many processes on one database, ended with the block."""
    workers = [Worker(address) for _each in range(size)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.close()
