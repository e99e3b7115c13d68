"""A browser without a screen: signs in by the form, keeps its cookies, says what came back."""

import http.client
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

WAIT = 40
Fields = Sequence[tuple[str, object]]


class Lost(Exception):
    """No answer came: what was sent may have been done, or not."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str

    def made(self, pattern: str) -> int:
        """The number in the address that a save led to.

        Raises:
            AssertionError: it led elsewhere; what was saved was refused.
        """
        found = re.fullmatch(pattern, self.location)
        words = " ".join(re.sub(r"<[^>]*>", " ", self.text).split())
        assert found, f"{self.status} {self.location} {words[:3000]}"
        return int(found[1])


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is the answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    def __init__(self, base: str) -> None:
        self.base = base
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), _Stay
        )

    def sign_in(self, username: str, password: str) -> None:
        page = "/accounts/sign-in/"
        self.get(page)
        answer = self.post(page, [("username", username), ("password", password)])
        assert answer.status == 302, answer

    @property
    def cookies(self) -> CookieJar:
        return self._cookies

    def get(self, path: str) -> Answer:
        return self._ask(path, None, {})

    def post(self, path: str, fields: Fields, file: tuple[str, str, bytes] | None = None) -> Answer:
        """Send a form; ``file`` is its field, name and content."""
        token = next((c.value for c in self._cookies if c.name == "csrftoken"), "")
        fields = [("csrfmiddlewaretoken", token), *fields]
        if file is None:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _in_parts(fields, *file)
        return self._ask(path, body, {"Content-Type": kind})

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(self.base + path, body, headers)  # noqa: S310 - our own
        try:
            with self._open(request) as answer:
                location = answer.headers.get("Location", "")
                return Answer(answer.status, location, answer.read().decode())
        except (OSError, http.client.HTTPException) as error:
            raise Lost(repr(error)) from error

    def _open(self, request: urllib.request.Request) -> Any:
        """The answer, whatever its status; its body may still break off."""
        try:
            return self._opener.open(request, timeout=WAIT)
        except urllib.error.HTTPError as answer:
            return answer


def _in_parts(fields: Fields, name: str, file_name: str, content: bytes) -> tuple[bytes, str]:
    mark = secrets.token_hex(16)
    lines = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields
    ]
    lines.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(lines).encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"
