"""What a visitor writes stays text: on no page is it a script, in no header a line, in no sheet a
formula; and nothing of it is in the logs."""

import logging
from email.message import Message
from html.parser import HTMLParser
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.portal import asking as doors
from tests.portal.hostile import PLANTED, answered_sum
from tests.portal.making import published
from zhibu.core.http import download
from zhibu.notices.models import Feedback
from zhibu.portal import actions, page_views, ticket_views
from zhibu.portal.models import Ticket, new_code
from zhibu.publishing import actions as publishing
from zhibu.publishing.models import Voice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NAME, PHONE, CARD = "钱桂花", "13900001234", "99010119600101001X"


class Seen(HTMLParser):
    """What a browser would run of a page: scripts in it, handlers, addresses that are scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.run: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag, attrs):
        self._in_script = tag == "script"
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.run.append(f"{name}={value}")

    def handle_endtag(self, tag):
        self._in_script = False

    def handle_data(self, data):
        if self._in_script and data.strip():
            self.run.append(data)


# a field shows again what was typed into it: no browser runs that
SHOWN_AGAIN = {f"value={text}" for text in PLANTED}


def run_on(page) -> list[str]:
    seen = Seen()
    seen.feed(page.content.decode())
    return [one for one in seen.run if one not in SHOWN_AGAIN]


@pytest.fixture
def village(tree, cast):
    doors.open_doors(tree)
    return tree.village


@pytest.fixture
def shown(village, system, cast):
    """A publication asked about, and answered in the open, with what is planted everywhere."""

    def make(text):
        line = {"label": text, "text": text, "masked": False}
        made = published(village, text[:100], by=system, lines=(line,), note=text, hangs=15)
        publishing.post(
            made, channel="board", place=text, posted_on=timezone.localdate(), by=cast["secretary"],
            at=timezone.now(),
        )  # fmt: skip
        return made

    return make


def test_the_reader_sees_what_would_run():
    """The tests below could fail."""
    for text in ("<script>x9()</script>", "<img onerror=x9()>", '<a href=" JavaScript:x9()">'):
        seen = Seen()
        seen.feed(text)
        assert len(seen.run) == 1


def test_what_is_stored_runs_nowhere(village, shown, cast, client, monkeypatch):
    """Everything planted in every text: what was let out, asked, answered, said and requested."""
    monkeypatch.setattr(ticket_views, "MOST_ASKED", 100)
    monkeypatch.setattr(page_views, "SAID_PER_HOUR", 100)
    visitor, out = Client(), []
    for text in PLANTED:
        made = shown(text)
        out.append(f"/open/publication/{made.pk}/")
        said = {"kind": "question", "said": text, "contact": text[:100], **answered_sum()}
        assert "查询码" in visitor.post(f"{out[-1]}ask/", said).content.decode()
        publishing.answer(
            made.voices.get(), text=text, in_public=True, asked=text, by=cast["secretary"],
            at=timezone.now(),
        )  # fmt: skip
        word = {"text": text, "page": "/open/", **answered_sum()}
        assert "谢谢" in visitor.post("/open/feedback/", word).content.decode()
        assert (
            doors.submit(visitor, village, what=text, where=text.splitlines()[0]).status_code == 302
        )
    tickets = [one.get_absolute_url() for one in Ticket.objects.all()]
    voices = [f"/publishing/voices/{one.pk}/" for one in Voice.objects.all()]
    assert len(tickets) == len(voices) == Feedback.objects.count() == len(PLANTED)

    home = f"/open/{village.pk}/"
    for path in ("/open/", home, f"{home}decisions/", f"{home}notices/", "/open/find/?q=x9", *out,
                 *(f"{one}ask/" for one in out)):  # fmt: skip
        page = visitor.get(path)
        assert (page.status_code, run_on(page)) == (200, []), path
    client.force_login(cast["secretary"])
    for path in ("/requests/?view=all", "/cases/?view=all", "/publishing/", "/publishing/voices/",
                 "/today/", "/search/?q=x9", *tickets, *voices):  # fmt: skip
        page = client.get(path)
        assert (page.status_code, run_on(page)) == (200, []), path


def test_what_is_reflected_runs_nowhere(village, shown, client):
    made = shown("路灯")
    for text in PLANTED:
        asked = dict.fromkeys(("what", "sort", "seal", "total"), text)
        for page in (
            client.get("/open/find/", {"q": text, "page": text}),
            client.get("/open/feedback/", {"page": text}),
            client.get(f"/open/{village.pk}/notices/", {"past": text, "page": text}),
            client.post(f"/open/publication/{made.pk}/ask/", {"said": text, "kind": text}),
            client.post("/open/track/", {"code": text}),
            client.post("/open/answer/", {"code": text}),
            client.post(doors.door(village), asked),
            client.post("/open/feedback/", {"text": text, "page": text}),
        ):
            assert (page.status_code, run_on(page)) == (200, []), (page.request, text)


@pytest.mark.parametrize("text", ["//evil.example/", "/\\evil.example", "https://evil.example/"])
def test_nobody_is_led_away(client, text):
    large = client.get("/open/", {"large": "1", "next": text})
    assert large["Location"].startswith("/open/?")
    odd = client.get(f"/open/{text}", {"large": "1"})
    assert odd.status_code == 404 or odd["Location"].startswith("/open/")
    page = client.get("/open/feedback/", {"page": text}).content.decode()
    assert f'"{text}"' not in page
    answer = client.post("/accounts/sign-in/", {"next": text, "username": "x", "password": "x"})
    assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x9=1", 'a"; filename="b.exe', "路灯\u2028.docx", "../../a", "a\x00b"]
)
def test_a_name_of_a_file_adds_no_line_to_the_header(name):
    answer = download(b"", name=name, content_type="text/plain")
    header = answer["Content-Disposition"]

    read = Message()
    read["Content-Disposition"] = header
    assert header.isascii() and not set('\r\n\0;"') & set(header.split("''", 1)[1])
    assert read.get_content_disposition() == "attachment"
    assert read.get_filename() == name


SIGNS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1")


def test_words_are_no_formula_in_the_lists_of_the_staff(village, cast, client):
    for sign in SIGNS:
        doors.ask(village, values={**doors.SAID, "what": f"{sign}，路灯坏了"})
    client.force_login(cast["secretary"])

    for path in ("/requests/?view=all&export=1", "/cases/?view=all&export=1"):
        answer, read = client.get(path), 0
        assert answer.status_code == 200, path
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for row in openpyxl.load_workbook(BytesIO(content)).active.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d"}, path
            read += any(str(cell.value).endswith("，路灯坏了") for cell in row)
        assert read == len(SIGNS), path


def test_no_form_for_residents_takes_a_file(village, shown, client, settings):
    made = shown("路灯")
    kept = lambda: sorted(settings.MEDIA_ROOT.rglob("*"))  # noqa: E731
    before = kept()
    for name in ("a.svg", "a.html", "a.exe", "a.docm", "a.jpg"):
        file = lambda: SimpleUploadedFile(name, b"<svg onload=x9()>")  # noqa: B023, E731
        client.post("/open/feedback/", {"text": "好", "file": file(), **answered_sum()})
        said = {"kind": "question", "said": file(), "contact": file(), **answered_sum()}
        client.post(f"/open/publication/{made.pk}/ask/", said)
        client.post("/open/track/", {"code": file()})
        client.post("/open/answer/", {"code": file()})

    assert not Voice.objects.exists()
    assert kept() == before


class Broken(Exception):
    pass


@pytest.mark.parametrize("is_broken", [False, True], ids=["well", "broken"])
def test_nothing_of_a_visitor_is_in_the_logs(village, shown, caplog, capfd, monkeypatch, is_broken):
    made = shown("路灯")
    _, code = doors.ask(village)
    secrets = (NAME, PHONE, CARD, code, "灯下黑", "我的话")

    def fall(*args, **kwargs):
        raise Broken

    if is_broken:
        monkeypatch.setattr(actions, "ask", fall)
        monkeypatch.setattr(page_views.publishing, "raise_voice", fall)
        monkeypatch.setattr(page_views.notices, "give_feedback", fall)
        monkeypatch.setattr(page_views.published, "voice_by_code", fall)
        monkeypatch.setattr(ticket_views, "_may_try", fall)
    visitor, seen = Client(raise_request_exception=False), []
    with caplog.at_level(logging.DEBUG):
        seen.append(doors.submit(
            visitor, village, what=f"灯下黑 {CARD}", where="我的话", contact_name=NAME,
            contact_phone=PHONE,
        ))  # fmt: skip
        asked = {"kind": "question", "said": f"我的话{CARD}", "contact": PHONE, **answered_sum()}
        seen.append(visitor.post(f"/open/publication/{made.pk}/ask/", asked))
        word = {"text": f"我的话{NAME}", "page": "/open/", **answered_sum()}
        seen.append(visitor.post("/open/feedback/", word))
        seen.append(visitor.post("/open/track/", {"code": code}))
        seen.append(visitor.post("/open/answer/", {"code": code}))
        visitor.get("/open/track/mine/")
        visitor.post("/open/track/", {"code": new_code()})
    said = "".join(capfd.readouterr())
    assert [page.status_code >= 500 for page in seen] == [is_broken] * 5
    assert not is_broken or "Broken" in caplog.text
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in said
        assert not is_broken or all(secret not in page.content.decode() for page in seen)
