"""What somebody hostile sends to pages for residents: any bytes, in any shape, to any of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from zhibu.portal import asking

SCRIPT = "<script>x9()</script>"
PLANTED = (
    SCRIPT, f'">{SCRIPT}', f"'>{SCRIPT}", f"</textarea>{SCRIPT}", f"</title>{SCRIPT}",
    '"><img src=x onerror=x9()>', "javascript:x9()", "{{ 7|add:7 }}{% debug %}",
    "a\r\nSet-Cookie: x9=1", "=cmd|' /C calc'!A0", "' or 1=1 --", "%00", "%s%n", "../../etc/passwd",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from([*PLANTED, "", " ", "\x00", "\x1b[31m", "\ufeff", "\u202e卡行银", "\u2028", "½",
                     "1" * 40, "9" * 5000, "-1", "1e999", "NaN", "2026Q1", "yes", "on", "路灯",
                     "𝟏𝟑𝟗", "é" * 300, "字" * 9000, "\ud800"]),
    st.text(max_size=40),
    st.text(st.characters(categories=["Cc", "Cf", "Co", "Cs"]), min_size=1, max_size=8),
)  # fmt: skip
BYTES = st.one_of(
    TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=30)
)
TYPES = st.sampled_from(
    ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8",
     "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=zz",
     "multipart/form-data; boundary=\xe9", "application/json", "text/plain", "", "x", "a/b;c=\""]
)  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_ACCEPT_ENCODING": st.sampled_from(["gzip", "gzip;q=0", "br", "\xff", "*"]),
        "HTTP_ACCEPT_LANGUAGE": st.sampled_from(["zh", "../..", "\xff", "a" * 600, "en;q=x"]),
        "HTTP_IF_NONE_MATCH": st.sampled_from(["*", '"', 'W/"x"', ",,,", "\xff"]),
        "HTTP_IF_MODIFIED_SINCE": st.sampled_from(["x", "Thu, 01 Jan 0000 00:00:00 GMT"]),
        "HTTP_RANGE": st.sampled_from(["bytes=0-", "bytes=-1,-2", "x"]),
        "HTTP_REFERER": st.sampled_from(["javascript:x9()", "//evil.example", "\xff", ""]),
        "HTTP_HOST": st.sampled_from(["testserver", "evil.example", "testserver:99999", "a b"]),
        "HTTP_X_FORWARDED_FOR": st.sampled_from(["1.2.3.4", "::1", "x", "\xff"]),
        "HTTP_HX_REQUEST": st.sampled_from(["true", "x"]),
        "HTTP_HX_CURRENT_URL": st.sampled_from(["javascript:x9()", "http://[", "%ff"]),
        "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": st.just("true"),
        "REMOTE_ADDR": st.sampled_from(["127.0.0.1", "", "::1", "not an address"]),
    },
)
COOKIES = st.one_of(
    st.just(""),
    st.sampled_from(["large=1", "large=\xff", "sessionid=" + "x" * 200, "zhibu_ticket=1:x:y",
                     "zhibu_code=" + SCRIPT, "csrftoken=\x01", ";;;==", 'a="\\073"', "="]),
    st.text(st.characters(max_codepoint=255), max_size=30),
)  # fmt: skip

# what a form may have beside: left empty by a good visitor, or of no form at all
MORE = ("contact_name", "contact_phone", "contact", "where", "why", "page", "q", "next", "_", "")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it goes over the line."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: str = ""


def answered_sum() -> dict[str, str]:
    """A sum that was done right, or no form is read further."""
    question = asking.new()
    return {"seal": question.seal, "total": str(question.one + question.two)}


def _encoded(pairs: list[tuple[str, bytes]]) -> bytes:
    return b"&".join(
        quote_from_bytes(name.encode(), safe="").encode() + b"=" + quote_from_bytes(value).encode()
        for name, value in pairs
    )


def _parts(pairs: list[tuple[str, bytes]], files: list[bytes]) -> bytes:
    """As a form with files in it sends its fields; ``files`` names those that come as files."""
    found = b""
    for number, (name, value) in enumerate(pairs):
        file_name = files[number % len(files)] if files and number % 2 == 0 else None
        more = b'; filename="' + file_name + b'"' if file_name is not None else b""
        found += b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more
        found += b"\r\n\r\n" + value + b"\r\n"
    return found + b"--b--\r\n"


@st.composite
def _filled(draw: st.DrawFn, form: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Mostly what a person would send, with something wrong in it: fields said twice, left out,
    of no form at all. The sum is right more often than not."""
    pairs = []
    typed = {**form, **answered_sum()}
    wrong = draw(st.sets(st.sampled_from([*typed, *MORE]), max_size=3))
    for name, value in typed.items():
        if name not in wrong:
            pairs.append((name, value.encode()))
        elif draw(st.booleans()):
            pairs += [(name, one) for one in draw(st.lists(BYTES, max_size=2))]
    pairs += [(name, draw(BYTES)) for name in MORE if name in wrong]
    return pairs


@st.composite
def requests(draw: st.DrawFn, forms: Mapping[str, Mapping[str, str]]) -> Sent:
    """``forms``: what a good visitor would send, by address; an empty one is only read."""
    path = draw(st.sampled_from(sorted(forms)))
    if not draw(st.integers(0, 11)):
        path = draw(st.sampled_from(
            [path.replace("1", "9" * 30), path + "%00", path + "%ff/", path.rstrip("/"),
             path + SCRIPT, "/open/-1/", "/open/９/", "/open/" + "9" * 5000 + "/"]
        ))  # fmt: skip
    headers = draw(HEADERS) if not draw(st.integers(0, 3)) else {}
    cookies = draw(COOKIES) if not draw(st.integers(0, 4)) else ""
    query = ""
    if draw(st.booleans()):
        names = st.sampled_from(["q", "page", "past", "large", "next", "x"])
        query = _encoded(draw(st.lists(st.tuples(names, BYTES), max_size=3))).decode()
    is_read = draw(st.integers(0, 3)) == 0 if forms.get(path) else draw(st.integers(0, 4)) > 0
    if is_read:
        method = draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS"]))
        content_type = draw(TYPES) if not draw(st.integers(0, 9)) else ""
        return Sent(method, path, query, b"", content_type, headers, cookies)
    pairs = draw(_filled(forms.get(path, {})))
    method = "POST" if draw(st.integers(0, 15)) else draw(st.sampled_from(["PUT", "DELETE", "X"]))
    match draw(st.integers(0, 9)):
        case 0:
            body, content_type = draw(BYTES), draw(TYPES)
        case 1:
            body, content_type = _parts(pairs, []), draw(TYPES)
        case 2 | 3:
            names = st.sampled_from(
                [b"a.svg", b"a.php\x00.png", b"../../a", b"\xff", b"", b'"; x="']
            )
            body = _parts(pairs, draw(st.lists(names, max_size=2)))
            if draw(st.booleans()):
                body = body[
                    : len(body) * draw(st.integers(0, 99)) // 100
                ]  # a seal is never the same
            content_type = "multipart/form-data; boundary=b"
        case 4:
            body = b"&".join(name.encode() + b"=" + value for name, value in pairs)
            content_type = "application/x-www-form-urlencoded"
        case _:
            body, content_type = _encoded(pairs), "application/x-www-form-urlencoded"
    return Sent(method, path, query, body, content_type, headers, cookies)
