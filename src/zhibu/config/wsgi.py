"""The web server's way in.

Everything is written in UTF-8. What says another charset is refused here: Django reads the query
string in it while it makes the request, before any middleware, and breaks on a charset that is no
way of writing text (hex, rot13).
"""

import os
import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

REFUSED = "请用 UTF-8 发送。".encode()
_UTF8 = re.compile(r';\s*charset\s*=\s*("?)(?:utf-?8|us-ascii)\1\s*(?=;|$)', re.IGNORECASE)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhibu.config.settings")


def utf8_only(inner: WSGIApplication) -> WSGIApplication:
    """``inner`` for what is in UTF-8; it is not told so, and reads a request when it wants to."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        said = _UTF8.sub("", environ.get("CONTENT_TYPE") or "")
        if _says_charset(said):
            length = str(len(REFUSED))
            start("400 Bad Request", [
                ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", length),
            ])  # fmt: skip
            return [REFUSED]
        environ["CONTENT_TYPE"] = said
        return inner(environ, start)

    return answer


def _says_charset(content_type: str) -> bool:
    """True of one that cannot be read at all, too."""
    try:
        _, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):
        return True
    return "charset" in parameters


application = utf8_only(get_wsgi_application())
