"""Whatever is sent to a page for residents, it is answered: no fault, nothing of the program told,
no script of a visitor run, no line of a header added."""

import logging
import os
import re
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings

from tests.conftest import NOON
from tests.portal import asking as doors
from tests.portal.hostile import Sent, requests
from tests.portal.making import published
from tests.portal.test_tickets import answered
from zhibu.ledger.models import Entry
from zhibu.portal import page_views, ticket_views
from zhibu.publishing import actions as publishing

CASES = int(os.environ.get("HOSTILE_CASES", "300"))  # more, to look longer
TOLD = re.compile(rb"Traceback|File &quot;|site-packages|Exception Value|DEBUG = True")
RUN = re.compile(rb"<script>x9|<img src=x onerror|href=\"javascript:x9", re.IGNORECASE)
READ = (
    "/open/", "/open/{village}/", "/open/{county}/", "/open/{village}/notices/",
    "/open/{village}/promises/", "/open/{village}/decisions/", "/open/publication/{notice}/",
    "/open/find/", "/open/privacy/", "/open/{village}/ask/", "/open/receipt/", "/open/track/leave/",
)  # fmt: skip
FILLED = {
    "/open/{village}/ask/seeds/requests/request/": {"contact_name": "钱", **doors.SAID},
    "/open/{village}/ask/national/petitions/matter/": {"what": "补贴没有到"},
    "/open/publication/{notice}/ask/": {"kind": "objection", "said": "尺寸不对"},
    "/open/feedback/": {"text": "字再大一点", "page": "/open/"},
    "/open/answer/": {"code": "{voice_code}"},
    "/open/track/": {"code": "{code}"},
    "/open/track/mine/": {"outcome": "satisfied"},
}
LIMITS = {
    page_views: ("SAID_PER_HOUR", "SAID_BY_ALL", "CODES_PER_HOUR"),
    ticket_views: ("MOST_ASKED", "MOST_ASKED_HERE", "MOST_TRIED"),
}


@pytest.fixture
def village(tree, cast, clock, monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    for views, names in LIMITS.items():
        for name in names:
            monkeypatch.setattr(views, name, 10**6)
    doors.open_doors(tree)
    return tree.village


@pytest.fixture
def facts(village, cast, system):
    """A notice asked about, and a request that was answered and waits for a word."""
    notice = published(village, "村东路灯", by=system, hangs=15)
    voice_code = publishing.raise_voice(notice, kind="question", said="哪天", at=NOON)
    ticket, code = doors.ask(village)
    answered(ticket.case, cast)
    return {
        "village": village.pk, "county": village.parent.parent_id, "notice": notice.pk,
        "code": code, "voice_code": voice_code,
    }  # fmt: skip


@pytest.fixture
def forms(facts):
    """What a good visitor sends, by address."""
    found = {path.format_map(facts): {} for path in READ}
    for path, body in FILLED.items():
        said = {name: value.format_map(facts) for name, value in body.items()}
        found[path.format_map(facts)] = said
    return found


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sent(client: Client, one: Sent):
    client.cookies.clear()
    more = {"QUERY_STRING": one.query, **one.headers}
    if one.content_type and not one.body:
        more["CONTENT_TYPE"] = one.content_type
    if one.cookies:
        more["HTTP_COOKIE"] = one.cookies
    return client.generic(one.method, one.path, one.body, one.content_type, **more)


def _check(answer, one: Sent) -> None:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code < 500, one
    assert not TOLD.search(content), one
    assert not RUN.search(content), one
    assert "x9" not in answer.cookies
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    away = answer.headers.get("Location", "/")
    assert away.startswith("/") and not away.startswith(("//", "/\\")), one


def test_whatever_is_sent_is_answered(facts, forms):
    tracked = Client()
    tracked.post("/open/track/", {"code": facts["code"]})
    found = f"zhibu_ticket={tracked.cookies['zhibu_ticket'].value}"
    faults: list[BaseException | None] = []
    seen: Counter[Any] = Counter()

    def note(**more: Any) -> None:
        faults.append(sys.exc_info()[1])

    got_request_exception.connect(note)

    @settings(
        max_examples=CASES, deadline=None, database=None, derandomize=CASES <= 300,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(requests(forms))
    def check(one):
        if one.path == "/open/track/mine/" and not one.cookies:
            one = replace(one, cookies=found)
        faults.clear()
        before = Entry.objects.count()
        with undone():
            answer = sent(Client(raise_request_exception=False), one)
            seen["done"] += Entry.objects.count() > before
        seen[one.method, answer.status_code] += 1
        if faults and faults[0]:
            raise faults[0]
        _check(answer, one)

    try:
        check()
    finally:
        got_request_exception.disconnect(note)
    print(dict(seen))  # noqa: T201 - how far they got
    assert {("GET", 200), ("POST", 200), ("POST", 302)} <= set(seen)
    assert seen["done"] > CASES / 100
