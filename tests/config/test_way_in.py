"""What reaches the server is answered, whatever charset it says it is in."""

from io import BytesIO

import pytest
from django.test import RequestFactory

from zhibu.config.wsgi import application

# A connection that another test left open is looked at when a request begins.
pytestmark = pytest.mark.django_db
MANY = "&".join(["a"] * 2000)


def status(content_type: str, query: str = "a=b") -> str:
    seen: list[str] = []
    environ = RequestFactory()._base_environ(
        PATH_INFO="/health/live", QUERY_STRING=query, CONTENT_TYPE=content_type
    )
    environ["wsgi.errors"] = BytesIO()
    answer = application(environ, lambda line, headers, *more: seen.append(line))
    content = b"".join(answer)
    assert b"Traceback" not in content
    return seen[0][:3]


@pytest.mark.parametrize(
    "content_type",
    ["text/html; charset=hex", "text/html; charset=rot13", 'a/b; charset="undefined"',
     "application/x-www-form-urlencoded; charset=gbk", "multipart/form-data; charset=idna",
     "text/plain; charset*=hex''61", "text/plain; charset=utf-8; charset=hex",
     "text/plain; charset=nothing"],
)  # fmt: skip
def test_another_charset_than_utf_8_is_refused(content_type):
    assert status(content_type) == "400"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii"])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
def test_utf_8_is_read_however_it_is_called(kind, charset):
    assert status(f"{kind}; charset={charset}") == "200"
    assert status(f"{kind}; charset={charset}; x=1", MANY) == "200"


@pytest.mark.parametrize("content_type", ["", "x", 'a/b;c="', "text/plain", "\xff"])
def test_what_says_no_charset_is_read(content_type):
    assert status(content_type) == "200"
