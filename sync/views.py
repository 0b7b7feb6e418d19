"""The page of what a device keeps, and the script that starts the engine's worker."""

from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static

WASM = "'wasm-unsafe-eval'"
# Python itself: the files that static/js/offline/engine_files.js keeps.
PYTHON = "vendor/pyodide/"
PYTHON_FILES = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"),
    *("python_stdlib.zip", "pyodide-lock.json"),
)


def offline_pack(request: HttpRequest) -> HttpResponse:
    """What this device holds, how old it is, how much room it takes; people of care only."""
    _check_gives_care(request)
    return render(request, "offline/pack.html", {"engine_bytes": _engine_bytes()})


@csp_replace({"script-src": [SELF, WASM]})
def engine_worker(request: HttpRequest) -> HttpResponse:
    """The worker's own script: WebAssembly may be compiled under its policy, and under no page's.

    A worker obeys the policy that its script came with, so that no page has to allow it.
    """
    _check_gives_care(request)
    content = f'import "{static("js/offline/engine_worker.js")}";\n'
    response = HttpResponse(content, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _engine_bytes() -> int:
    found = [finders.find(PYTHON + name) for name in PYTHON_FILES]
    return sum(Path(path).stat().st_size for path in found if path)


def _check_gives_care(request: HttpRequest) -> None:
    if not getattr(request.user, "gives_care", False):
        raise PermissionDenied
