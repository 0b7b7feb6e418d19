"""`services up | down | status | url`: the embedded PostgreSQL and Valkey of this checkout."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.embedded import supervisor
from config.embedded.addresses import EmbeddedServiceError, Place, database_url, this_place


class Command(BaseCommand):
    help = "Starts, stops or shows the PostgreSQL and Valkey this checkout runs for itself."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["up", "down", "status", "url"])

    def handle(self, *, action: str, **_options: object) -> None:
        place = this_place()
        keys = supervisor.wanted(
            database=settings.DATABASES["default"]["HOST"],
            broker=settings.CELERY_BROKER_URL,
            place=place,
        )
        if action == "url":
            self.stdout.write(database_url(place))
            return
        self._tell_others(keys)
        try:
            {"up": self._up, "down": self._down, "status": self._status}[action](place, keys)
        except EmbeddedServiceError as error:
            raise CommandError(str(error)) from None

    def _up(self, place: Place, keys: tuple[str, ...]) -> None:
        for reason in place.reasons:
            self.stdout.write(reason)
        for service in supervisor.up(place, keys, keep=True):
            told = "already running" if service.was_running else f"started {service.seconds:.1f} s"
            self.stdout.write(f"{service.name}: {told}, process {service.pid}, {service.address}")

    def _down(self, place: Place, keys: tuple[str, ...]) -> None:
        stopped = supervisor.down(place, keys)
        if keys:
            self.stdout.write(
                f"Stopped: {', '.join(stopped)}" if stopped else "Nothing was running."
            )

    def _status(self, place: Place, keys: tuple[str, ...]) -> None:
        for service in supervisor.status(place, keys):
            if service.pid is None:
                told = "stopped"
            elif service.answers:
                told = f"answers, process {service.pid}"
            else:
                told = f"does not answer, process {service.pid}"
            self.stdout.write(f"{service.name}: {told}, {service.address}")

    def _tell_others(self, keys: tuple[str, ...]) -> None:
        names = {"postgres": ("PostgreSQL", "DATABASE_URL"), "valkey": ("Broker", "BROKER_URL")}
        for key, (name, variable) in names.items():
            if key not in keys:
                self.stdout.write(f"{name}: yours, by {variable}; nothing is started or stopped.")
