"""The site as it is served, and beside it one bare address: insert a row, commit, answer.

The bare request goes through the same server and through Django, without middleware: it is what any
request that writes costs at the least.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings

from config.bench.posting import BARE, SELECT_ONE

_site = get_wsgi_application()
with override_settings(MIDDLEWARE=[]):
    _bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Send the bare address to its own handler, everything else to the site."""
    handler = _bare if environ["PATH_INFO"] in {f"/{BARE}", f"/{SELECT_ONE}"} else _site
    return handler(environ, start_response)
