"""Heads sent out day by day, at least once, and a database held against them."""

import json
import os
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, outside, publishing, signing
from zhibu.ledger.models import Head, Publication, Sealed, Way
from zhibu.ledger.verify import Report, verify
from zhibu.notices import actions as notices

DAY = timedelta(days=1)


@pytest.fixture
def folders(tmp_path, settings):
    settings.PUBLISHED_PATH = tmp_path / "published"
    settings.PUBLISH_FOLDER = str(tmp_path / "shared")
    return tmp_path / "published", tmp_path / "shared"


@pytest.fixture
def posted(settings):
    settings.PUBLISH_ADDRESSES = ["above@example.org", "archive@example.org"]
    settings.MAIL_SERVER, settings.MAIL_FROM = "smtps://zhibu@mail.example.org", "z@example.org"


def act(by, at=NOON):
    notices.give_feedback(page="/", text="x", by=by, at=at)


@pytest.fixture
def days(cast, key, folders):
    """Three days, a head each, all sent out."""
    for number in range(3):
        at = NOON + number * DAY
        act(cast["member"], at)
        ledger.seal(at)
        outside.witness()
        publishing.publish(at + DAY)
    return folders


@pytest.fixture
def unguarded(db):
    guard.remove(connection)


def faults(extra=None):
    report = Report()
    outside.compare(report, extra)
    return [(fault.kind, fault.subject) for fault in report.faults]


def cut_off(number):
    """The newest heads gone from the database, with what they sealed."""
    for rows in (
        Publication.objects.filter(head__gt=number),
        Sealed.objects.filter(head__gt=number),
        Head.objects.filter(number__gt=number),
    ):
        rows._raw_delete(rows.db)


# --- sending


def test_head_of_the_day_is_sent_when_the_day_is_over(cast, key, folders):
    act(cast["member"])
    ledger.seal(NOON)

    assert publishing.publish(NOON) == 0
    assert publishing.publish(NOON + DAY) == 2

    own, shared = folders
    (file,) = shared.glob("*.json")
    assert file.name.startswith("2026-11-20-00000001-")
    assert (own / file.name).read_text() == file.read_text()
    assert json.loads(file.read_text())["head"]["number"] == 1
    rows = Publication.objects.order_by("pk")
    assert [(row.way, row.place, bool(row.done_at)) for row in rows] == [
        (Way.FILE, str(own), True),
        (Way.FILE, str(shared), True),
    ]


def test_last_head_of_the_day_is_sent_and_only_once(cast, key, folders):
    for hour in range(3):
        act(cast["member"])
        ledger.seal(NOON + timedelta(hours=hour))

    for minutes in range(0, 60, 10):
        publishing.publish(NOON + DAY + timedelta(minutes=minutes))

    assert [row.head_id for row in Publication.objects.all()] == [3, 3]
    assert len(list(folders[1].glob("*.json"))) == 1


def test_next_day_proves_that_it_grew_out_of_the_day_before(days):
    bodies = [json.loads(file.read_text()) for file in sorted(days[1].glob("*.json"))]

    assert [body["after"] and body["after"]["number"] for body in bodies] == [None, 1, 2]


def test_head_goes_by_mail_to_every_address(cast, key, folders, posted):
    act(cast["member"])
    ledger.seal(NOON)
    publishing.publish(NOON + DAY)

    assert [message.to for message in mail.outbox] == [
        ["above@example.org"],
        ["archive@example.org"],
    ]
    name, content, kind = mail.outbox[0].attachments[0]
    assert (json.loads(content)["head"]["number"], kind) == (1, "application/json")
    assert name.endswith(".json")
    assert bytes(Head.objects.get().digest).hex() in mail.outbox[0].body


def test_place_that_fails_is_tried_again_later_and_the_others_are_not_kept_waiting(
    cast, key, folders, posted, monkeypatch
):
    act(cast["member"])
    ledger.seal(NOON)
    at = NOON + DAY
    send = publishing._mail

    def refuse(address, text):
        if address.startswith("above"):
            raise smtplib.SMTPConnectError(421, "busy")
        send(address, text)

    monkeypatch.setattr(publishing, "_mail", refuse)
    assert publishing.publish(at) == 3
    waiting = Publication.objects.get(done_at=None)
    assert (waiting.place, waiting.tries, waiting.next_at > at) == ("above@example.org", 1, True)
    assert "busy" in waiting.error

    monkeypatch.setattr(publishing, "_mail", send)
    assert publishing.publish(at + timedelta(minutes=1)) == 0
    assert publishing.publish(at + timedelta(minutes=30)) == 1
    assert not Publication.objects.filter(done_at=None).exists()
    assert Publication.objects.get(pk=waiting.pk).error == ""


def test_folder_that_cannot_be_written_is_said(cast, key, folders, settings):
    folders[1].write_text("a file where the folder should be")
    act(cast["member"])
    ledger.seal(NOON)

    publishing.publish(NOON + DAY)

    row = Publication.objects.get(place=str(folders[1]))
    assert row.done_at is None
    assert row.error


def test_place_no_longer_wanted_is_left_alone(cast, key, folders, settings):
    act(cast["member"])
    ledger.seal(NOON)
    publishing.ask(Head.objects.get(), NOON)
    settings.PUBLISH_FOLDER = ""

    publishing.publish(NOON + DAY)

    assert not folders[1].exists()


def test_own_files_are_their_owners_alone_and_shared_ones_can_be_read(days):
    assert {file.stat().st_mode & 0o777 for file in days[0].glob("*.json")} == {0o600}
    assert {file.stat().st_mode & 0o777 for file in days[1].glob("*.json")} == {0o644}
    assert not [name for folder in days for name in os.listdir(folder) if name.endswith(".part")]


# --- holding the database against it


def test_database_that_goes_on_is_in_order(days):
    assert faults() == []
    assert verify().faults == []


def test_newest_heads_cut_off_are_noticed_at_once(days, unguarded):
    cut_off(2)

    assert verify().faults == []
    assert faults() == [("database-older", "ledger.head:3")]
    assert "换上" in outside.is_older()


def test_head_sealed_after_the_last_publication_is_missed_too(days, cast, unguarded):
    act(cast["member"])
    ledger.seal(NOON + 3 * DAY)
    outside.witness()
    cut_off(3)

    assert faults() == [("database-older", "ledger.head:4")]


def test_older_database_that_grew_again_does_not_cover_up(days, cast, unguarded):
    cut_off(1)
    for _ in range(4):
        act(cast["member"])
        ledger.seal(NOON + 5 * DAY)
        outside.witness()

    assert verify().faults == []
    assert set(faults()) == {("head-rewritten", f"ledger.head:{n}") for n in (2, 3)}


def test_empty_database_is_older_than_anything(days, unguarded):
    cut_off(0)

    assert faults() == [("database-older", "ledger.head:3")]


def test_only_what_was_kept_elsewhere_shows_it_where_ours_is_gone(
    days, unguarded, settings, tmp_path
):
    kept = tmp_path / "kept"
    days[1].rename(kept)
    for file in days[0].glob("*.json"):
        file.unlink()
    cut_off(2)

    assert faults() == []
    assert faults(kept) == [("database-older", "ledger.head:3")]
    (file,) = kept.glob("*-00000003-*.json")
    assert faults(file) == [("database-older", "ledger.head:3")]


@pytest.mark.parametrize(
    ("old", "new"),
    [('"number": 3', '"number": 9'), ('"day": "', '"day": "1'), ("{", "["), ('"keys"', '"kees"')],
)
def test_spoilt_statement_is_named_and_accuses_nobody_else(days, old, new):
    (file,) = days[1].glob("*-00000003-*.json")
    file.write_text(file.read_text().replace(old, new, 1))

    assert faults() == [("published-altered", str(file))]


def test_statement_of_somebody_elses_key_is_not_believed(days, key, tmp_path):
    own = key.read_text()
    signing.write(signing.generate(NOON), key)
    text = publishing.statement(Head.objects.get(pk=3))
    key.write_text(own)
    (days[1] / "forged.json").write_text(text.replace('"number": 3', '"number": 99'))

    assert faults() == [("published-altered", str(days[1] / "forged.json"))]


# --- owning up


def test_loss_that_was_owned_up_to_is_told_and_no_fault(days, cast, unguarded):
    cut_off(1)
    at = NOON + 4 * DAY

    assert outside.accept("磁盘坏了", at) == 2

    report = Report()
    outside.compare(report)
    assert report.faults == []
    assert "第 2 到 3 个" in report.notes[0]
    assert "磁盘坏了" in report.notes[0]
    act(cast["member"], at)
    ledger.seal(at)
    outside.witness()
    publishing.publish(at + DAY)
    (file,) = days[1].glob("2026-11-24-*.json")
    assert json.loads(file.read_text())["losses"][0]["reason"] == "磁盘坏了"
    assert faults() == []


def test_loss_owned_up_to_covers_nothing_that_comes_later(days, cast, unguarded):
    cut_off(1)
    outside.accept("磁盘坏了", NOON + 4 * DAY)
    for number in (5, 6):
        act(cast["member"])
        ledger.seal(NOON + number * DAY)
        outside.witness()
    cut_off(2)

    assert faults() == [("database-older", "ledger.head:3")]


def test_loss_nobody_signed_covers_nothing(days, unguarded):
    cut_off(1)
    outside.accept("磁盘坏了", NOON + 4 * DAY)
    (file,) = days[0].glob("loss-*.json")
    file.write_text(file.read_text().replace("磁盘坏了", "例行维护"))

    assert set(faults()) >= {("database-older", "ledger.head:3"), ("published-altered", str(file))}


def test_nothing_lost_is_nothing_to_own_up_to(days):
    assert outside.accept("随手", NOON) == 0
    assert list(days[0].glob("loss-*.json")) == []


def test_keys_are_known_from_what_was_sent_when_the_key_is_gone(days, key):
    current = signing.held().current
    key.unlink()

    assert list(outside.keys_seen()) == [current.id]
    assert faults() == []
