"""From the code on paper to the proof: open to whoever holds it, silent about persons."""

import importlib.util
import json
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from docx import Document

from tests.conftest import NOON
from tests.documents.words import text_of
from zhibu.activities.models import Activity
from zhibu.ledger import actions as ledger
from zhibu.ledger import printed, publishing
from zhibu.ledger.models import Head
from zhibu.people.models import Person

TOOL = Path(__file__).parents[2] / "tools" / "check_proof.py"


@pytest.fixture
def life(life, key, settings, tmp_path):
    settings.PUBLISHED_PATH = tmp_path / "published"
    settings.PUBLISH_FOLDER = str(tmp_path / "shared")
    return life


@pytest.fixture
def activity(life):
    return Activity.objects.filter(status__in=["held", "confirmed"]).order_by("pk").first()


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast["secretary"])
    return client


def address_of(activity, rf):
    return printed.code("activities.activity", activity.pk, rf.get("/"))


def opened(client, code):
    return client.get(code.address.removeprefix("http://testserver"))


def test_page_says_what_is_proven_and_nobodys_name(activity, client, rf):
    ledger.seal(NOON)
    publishing.publish(NOON + timedelta(days=1))
    code = address_of(activity, rf)

    page = opened(client, code).content.decode()

    assert activity.organization.called in page
    assert "印出以后没有变动" in page
    assert bytes(Head.objects.latest("pk").digest).hex() in page
    assert "写到目录，1 处" in page
    names = set(Person.all_rows.values_list("name", flat=True))
    assert [name for name in names if name in page] == []
    assert "shared" not in page
    assert [text for text in (activity.theme, activity.place) if text and text in page] == []


def test_page_before_sealing_asks_for_a_minute(activity, client, rf):
    code = address_of(activity, rf)

    answer = opened(client, code)

    assert "正在等封存" in answer.content.decode()
    assert client.get(f"{code.address}proof.json").status_code == 404


def test_page_says_when_the_record_was_changed_after_printing(activity, client, rf, life):
    from django.db import transaction

    from zhibu.activities import actions as activities

    code = address_of(activity, rf)
    with transaction.atomic():
        ledger.record(
            activities.Kind.CONFIRMED, activity, organization=None, by=None,
            at=NOON + timedelta(hours=1),
        )  # fmt: skip
    ledger.seal(NOON)

    page = opened(client, code).content.decode()

    assert "又有 1 次变动" in page
    assert address_of(activity, rf).address != code.address


def test_file_of_the_page_is_checked_by_a_stranger(activity, client, rf, tmp_path):
    ledger.seal(NOON)
    code = address_of(activity, rf)
    specification = importlib.util.spec_from_file_location("check_proof", TOOL)
    checker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(checker)

    answer = client.get(f"{code.address}proof.json")

    (tmp_path / "p.json").write_bytes(answer.content)
    assert checker.check(tmp_path / "p.json")[1] == checker.HELD
    assert "salt" not in json.loads(answer.content)["record"]


def test_address_is_stable_and_cannot_be_guessed(activity, client, rf):
    code = address_of(activity, rf)
    ledger.seal(NOON)

    assert address_of(activity, rf).address == code.address
    assert str(activity.pk) not in re.sub(r"[0-9a-f-]{36}", "", code.address).split("/")[4:5]
    assert client.get(reverse("ledger:proof", args=[uuid4(), 0])).status_code == 404
    key = re.search(r"[0-9a-f-]{36}", code.address).group()
    assert client.get(reverse("ledger:proof", args=[key, 999])).status_code == 404


def test_records_that_are_never_printed_have_no_page(life, client, rf):
    person = Person.all_rows.order_by("pk").first()
    code = printed.code("people.person", person.pk, rf.get("/"))

    assert opened(client, code).status_code == 404


def test_record_nobody_recorded_has_no_code(life, rf):
    assert printed.code("activities.activity", 10**6, rf.get("/")) is None


def test_address_of_the_setting_goes_on_paper(activity, rf, settings):
    settings.ADDRESS = "https://zhibu.example.org"

    assert address_of(activity, rf).address.startswith("https://zhibu.example.org/proofs/")


def test_so_many_looks_a_minute(activity, client, rf, monkeypatch):
    code = address_of(activity, rf)
    found = [opened(client, code).status_code for _ in range(125)]

    assert (found[0], found[119], found[120], found[-1]) == (200, 200, 429, 429)
    other = client.get(code.address.removeprefix("http://testserver"), REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 200


def test_minutes_carry_the_code_and_the_address(activity, signed_in, rf):
    answer = signed_in.get(reverse("activities:minutes", args=[activity.pk]))

    code = address_of(activity, rf)
    text = text_of(answer.content)
    assert code.address in text
    assert "不用登录" in text
    images = [
        part.blob
        for part in Document(BytesIO(answer.content)).part.package.iter_parts()
        if part.partname.startswith("/word/media/")
    ]
    assert images == [code.png()]


def test_record_page_prints_the_code(activity, signed_in, rf):
    page = signed_in.get(activity.get_absolute_url()).content.decode()

    code = address_of(activity, rf)
    assert code.address in page
    assert 'src="data:image/svg+xml' in page


PAPERS = {
    "insight.report": ("report", "county officer", "/insight/reports/{}/", "?word=1"),
    "people.handover": ("handover", "township officer", "/people/handovers/{}/", "word/"),
    "assignments.commission": (
        "commission", "township officer", "/tasks/commissions/{}/", "paper/",
    ),
}  # fmt: skip


@pytest.mark.parametrize("record_type", PAPERS)
def test_every_paper_of_a_record_leads_to_its_proof(record_type, life, client, rf):
    ledger.seal(NOON)
    name, who, page, file = PAPERS[record_type]
    record = getattr(life, name)
    code = printed.code(record_type, record.pk, rf.get("/"))
    client.force_login(life.cast[who])
    address = page.format(record.pk)

    seen = client.get(address).content.decode()
    word = client.get(f"{address}{file}").content

    assert code.address in seen
    assert code.address in text_of(word)
    client.logout()
    proof = opened(client, code).content.decode()
    assert "印出以后没有变动" in proof
    names = set(Person.all_rows.values_list("name", flat=True))
    assert [name for name in names if name in proof] == []


def test_heads_page_shows_keys_and_days(activity, client, rotate):
    assert "还没有公布过" in client.get(reverse("ledger:heads")).content.decode()
    ledger.seal(NOON)
    publishing.publish(NOON + timedelta(days=1))
    rotate()

    page = client.get(reverse("ledger:heads")).content.decode()

    assert bytes(Head.objects.latest("pk").digest).hex() in page
    assert "由前一把担保" in page


def test_pages_take_few_queries_whatever_the_ledger(activity, client, rf, queries_of):
    ledger.seal(NOON)
    publishing.publish(NOON + timedelta(days=1))

    assert queries_of(address_of(activity, rf).address) <= 12
    assert queries_of(reverse("ledger:heads")) <= 6
