"""The two doors of the site as the demonstration uses them: the API of a software, the pages of an agent."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from core import signatures
from core.numbers import mint_fse_number
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient

TIMEOUT_SECONDS = 30
SECOND_FACTOR_SECONDS = 30
SECOND_FACTOR_TRIES = 2
CODE_FIELD, PASSWORD_FIELD = 'name="code"', 'name="password"'


class DoorClosed(RuntimeError):
    """The site answered something the scenario does not expect; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API."""

    status: int
    body: dict[str, Any]
    replayed: bool


@dataclass(frozen=True)
class Software:
    """A provider's software: its token, and the key with which its owner signs."""

    base_url: str
    token: str
    inpe: str
    kid: str
    prefix: str
    key: ec.EllipticCurvePrivateKey
    timeout: float = TIMEOUT_SECONDS

    def mint(self) -> str:
        return mint_fse_number(self.prefix)

    def get(self, path: str) -> dict[str, Any]:
        return self._expect(self._call("GET", path), 200)

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST something that only reads."""
        return self._expect(self._call("POST", path, body), 200)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """POST something that is its own idempotency key."""
        return self._call("POST", path, body)

    def signed(
        self, document: dict[str, Any], printed: PrintedPatient | None = None
    ) -> dict[str, Any]:
        """Return the body of a request: the document, its signature, and a prescription's code."""
        body = {"document": document, "signature": signatures.sign(document, self.key)}
        if printed is None:
            return body
        content = codes.payload(document, printed)
        return {**body, "code": codes.sign(content, device=self.kid, key=self.key)}

    def send(self, path: str, body: dict[str, Any], *, key: str | None = None) -> Answer:
        """Send a signed document, under an idempotency key of its own unless one is given."""
        return self._call("POST", path, body, key=key or str(uuid4()))

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str | None = None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(  # noqa: S310 (the base URL is this machine's)
            f"{self.base_url}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                return _answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as refusal:
            return _answer(refusal.code, refusal.read(), refusal.headers)

    def _expect(self, answer: Answer, status: int) -> dict[str, Any]:
        if answer.status not in (status, 200):
            raise DoorClosed(f"expected {status}, got {answer.status}: {answer.body}")
        return answer.body


def _answer(status: int, raw: bytes, headers: Any) -> Answer:
    body = json.loads(raw) if raw else {}
    return Answer(status, body, headers.get("Idempotent-Replayed") == "true")


class Browser:
    """A person at the pages: cookies, forms with their CSRF token, redirects followed."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def open(self, path: str) -> str:
        """Return the text of a page."""
        return self.fetch(path).decode()

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a page or a file."""
        return self._ask(urllib.request.Request(self._url(path)))  # noqa: S310

    def submit(
        self,
        path: str,
        fields: dict[str, str],
        *,
        action: str | None = None,
        files: Sequence[tuple[str, str, bytes]] = (),
    ) -> str:
        """Open the page of a form, fill it and send it, to `action` when it is another address."""
        token = _csrf(self.open(path))
        data = {"csrfmiddlewaretoken": token, **fields}
        if not files:
            body, kind = urlencode(data).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(data, files)
        request = urllib.request.Request(  # noqa: S310
            self._url(action or path),
            data=body,
            headers={"Content-Type": kind, "Referer": self._url(path)},
            method="POST",
        )
        return self._ask(request).decode(errors="replace")

    def sign_in(self, login: str, password: str, code: Callable[[], str] | None = None) -> None:
        """Sign in, with a second factor when the account has one. Raises DoorClosed."""
        page = self.submit("/compte/login/", {"login": login, "password": password})
        for _try in range(SECOND_FACTOR_TRIES):
            if code is None or CODE_FIELD not in page:
                break
            page = self.submit("/compte/second-facteur/authenticate/", {"code": code()})
            if CODE_FIELD in page:
                # The code's half minute ended between the reading and the typing: take the next one.
                time.sleep(SECOND_FACTOR_SECONDS - time.time() % SECOND_FACTOR_SECONDS + 1)
        if CODE_FIELD in page or PASSWORD_FIELD in page:
            raise DoorClosed(f"{login} could not sign in")

    def _ask(self, request: urllib.request.Request) -> bytes:
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as refusal:
            text = re.sub(r"<[^>]+>|\s+", " ", refusal.read().decode(errors="replace"))
            raise DoorClosed(f"{request.full_url}: {refusal.code} {text[:400]}") from refusal

    def _url(self, path: str) -> str:
        return path if urlsplit(path).scheme else f"{self.base_url}{path}"


def _csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise DoorClosed("the page has no form")
    return found.group(1)


def _multipart(
    fields: dict[str, str], files: Sequence[tuple[str, str, bytes]]
) -> tuple[bytes, str]:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    for name, filename, content in files:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{filename}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        parts += [head.encode(), content, b"\r\n"]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"


def wait_for(what: str, ready: Callable[[], bool], *, seconds: int) -> None:
    """Wait until `ready`, as a person would look again. Raises DoorClosed after `seconds`."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise DoorClosed(
                f"{what} did not happen within {seconds} s: is the worker running? See var/log/."
            )
        time.sleep(0.2)
