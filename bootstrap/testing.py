"""`make test`: a browser, the services, then the whole of pytest."""

import contextlib
import os
import signal
import subprocess
import sys

from django.core.exceptions import ImproperlyConfigured

from bootstrap import chromium
from bootstrap.site import start_services, wanted_services
from bootstrap.steps import CHECKOUT, StepError
from config.embedded.addresses import EmbeddedServiceError, this_place


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments`, after what it needs is there; return its exit status."""
    try:
        browser = chromium.ensure()
        place = this_place()
        keys = wanted_services(place)
        with contextlib.ExitStack() as stack:
            start_services(place, keys, stack)
            return _run([sys.executable, "-m", "pytest", *arguments], {"CHROMIUM": browser})
    except (StepError, EmbeddedServiceError, ImproperlyConfigured) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run to the end in this terminal; Ctrl-C is pytest's to handle, SIGTERM is handed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    sys.exit(main(sys.argv[2:]))
