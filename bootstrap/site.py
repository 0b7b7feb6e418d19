"""`make run`, `make demo` and `make screens`: the whole product in one foreground, until Ctrl-C."""

import argparse
import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from bootstrap.steps import CHECKOUT, StepError, run_logged, say, step
from config.embedded import supervisor
from config.embedded.addresses import EmbeddedServiceError, Place, this_place
from config.embedded.processes import POLL_SECONDS, Foreground, Program, stop_signals

FAVOURITE_PORT = 8000
WEB_READY_SECONDS = 60.0
WORKER_READY_SECONDS = 60.0
MANAGE = [sys.executable, "manage.py"]
# what is played against the running site, by the name of its make target
PLAYED = {"demo": "play_demo", "screens": "photograph_screens"}


class StopAskedError(RuntimeError):
    """Ctrl-C or SIGTERM arrived before everything was up."""


def main(arguments: list[str]) -> int:
    """Serve, playing the scenario first for `demo`; return an exit status."""
    parser = argparse.ArgumentParser(prog="make")
    parser.add_argument("command", choices=["run", *PLAYED])
    parser.add_argument("--once", action="store_true", help="stop when the scenario is played")
    options = parser.parse_args(arguments)
    with stop_signals() as stop_asked:
        try:
            return _serve(options.command, once=options.once, stop_asked=stop_asked)
        except StopAskedError:
            pass
        except (StepError, EmbeddedServiceError, ImproperlyConfigured) as error:
            # Ctrl-C also ends the command a step was running: that is no failure to tell of
            if not stop_asked():
                print(f"\n{error}", file=sys.stderr)
                return 1
    say("Stopped.")
    return 0


def _serve(command: str, *, once: bool, stop_asked: Callable[[], bool]) -> int:
    place = this_place()
    keys = wanted_services(place)
    with _alone(place) as tell_url, contextlib.ExitStack() as stack:
        start_services(place, keys, stack)
        _prepare_site()
        foreground = Foreground(place, say=lambda line: say(f"  {line}"))
        stack.callback(foreground.stop)
        url = _start_programs(foreground, stop_asked)
        tell_url(url)
        status = 0
        if command in PLAYED:
            status = _play(PLAYED[command], foreground, url, stop_asked)
        if status == 0 and not once and not stop_asked():
            say(f"\nWaraqa is served at {url} (logs in var/log). Ctrl-C stops all of it.")
            while not stop_asked():
                foreground.tend()
                time.sleep(POLL_SECONDS)
        say("\nStopping")
    say("Everything has stopped.")
    return status


def wanted_services(place: Place) -> tuple[str, ...]:
    """The embedded services the settings point at; reading them checks the settings."""
    return supervisor.wanted(
        database=settings.DATABASES["default"]["HOST"],
        broker=settings.CELERY_BROKER_URL,
        place=place,
    )


def start_services(place: Place, keys: tuple[str, ...], stack: contextlib.ExitStack) -> None:
    """Have PostgreSQL and Valkey run until `stack` closes."""
    with step("PostgreSQL and Valkey") as current:
        services = stack.enter_context(supervisor.in_use(place, keys))
        if not keys:
            current.skip("yours, by DATABASE_URL and BROKER_URL")
        elif all(service.was_running for service in services):
            current.skip("already running")
        elif len(keys) < len(supervisor.SERVERS):
            current.note = "the other one is yours"
    for reason in place.reasons if keys else ():
        say(f"    {reason}")


def _prepare_site() -> None:
    with step("Migrations"):
        run_logged([*MANAGE, "migrate", "--no-input"], log="migrate")
    if not settings.DEBUG:
        with step("Static files"):
            run_logged([*MANAGE, "collectstatic", "--no-input"], log="setup")


def _start_programs(foreground: Foreground, stop_asked: Callable[[], bool]) -> str:
    port = _free_port()
    url = f"http://localhost:{port}"
    with step("Worker, scheduler and web server") as current:
        foreground.start(Program("worker", _celery("worker", "--pool=prefork", "--concurrency=2")))
        foreground.start(Program("beat", _celery("beat", "--pidfile=")))
        foreground.start(Program("web", _gunicorn(port)))
        _wait("web", lambda: _answers(url), WEB_READY_SECONDS, foreground, stop_asked)
        _wait("worker", _worker_answers, WORKER_READY_SECONDS, foreground, stop_asked)
        current.note = url
    return url


def _celery(role: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config", role, "--loglevel=INFO", *options]


def _gunicorn(port: int) -> list[str]:
    addresses = [f"--bind={host}:{port}" for host in _loopbacks()]
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application", *addresses),
        *("--workers=2", "--worker-class=gthread", "--threads=4", "--no-control-socket"),
        *("--access-logfile=-", "--error-logfile=-", "--graceful-timeout=10"),
    ]


def _loopbacks() -> list[str]:
    """`localhost` is two addresses where the machine has IPv6; serve both."""
    hosts = ["127.0.0.1"]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as trial:
        trial.bind(("::1", 0))
        hosts.append("[::1]")
    return hosts


def _free_port() -> int:
    for port in (FAVOURITE_PORT, *(_offered_port() for _ in range(20))):
        if all(_is_free(host.strip("[]"), port) for host in _loopbacks()):
            return port
    raise StepError("No free port was found on the loopback interface.")


def _offered_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        # as the web server does: a port of connections that just closed is free
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def _wait(
    name: str,
    is_ready: Callable[[], bool],
    seconds: float,
    foreground: Foreground,
    stop_asked: Callable[[], bool],
) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if stop_asked():
            raise StopAskedError
        if time.monotonic() > deadline or not foreground.is_running(name):
            raise StepError(f"The {name} did not start: see var/log/{name}.log.")
        time.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 - our own http address
            return True
    except urllib.error.HTTPError as error:
        return error.code < HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False


def _worker_answers() -> bool:
    from config.celery import app

    return bool(app.control.ping(timeout=1.0))


def _play(command: str, foreground: Foreground, url: str, stop_asked: Callable[[], bool]) -> int:
    """Run a command of manage.py against the running site; its own lines go to the terminal."""
    player = subprocess.Popen(
        [*MANAGE, command, f"--base-url={url}"],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    while player.poll() is None and not stop_asked():
        foreground.tend()
        time.sleep(POLL_SECONDS)
    if player.poll() is None:
        player.terminate()
        player.wait()
        raise StopAskedError
    if player.returncode:
        say(f"{command} ended with status {player.returncode}.")
    return int(player.returncode)


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[Callable[[str], None]]:
    """One site a checkout: two schedulers would ring everything twice."""
    place.runtime.mkdir(parents=True, exist_ok=True)
    with (place.runtime / "site.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = lock.read().strip() or "an address it has not chosen yet"
            raise StepError(
                f"Waraqa already runs from this checkout, at {where}. Stop that one first (Ctrl-C "
                "in its terminal)."
            ) from None
        lock.truncate(0)
        yield lambda url: _write(lock.fileno(), url)
        lock.truncate(0)


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode())


if __name__ == "__main__":
    _settings = "production" if os.environ.get("DEBUG") == "0" else "dev"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{_settings}")
    sys.exit(main(sys.argv[1:]))
