import os
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.conftest import NOON
from tests.files import makers
from tests.files.conftest import TYPE
from zhibu.core import fields
from zhibu.files import actions, queries, rules, storage
from zhibu.files.forms import UploadField, UploadsField
from zhibu.files.intake import prepare
from zhibu.files.models import Attachment
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify


def attach(records, *, owner_id=1, name="会议.pdf", content=makers.PDF, by="secretary"):
    return actions.attach(
        prepare(name, content),
        owner_type=TYPE,
        owner_id=owner_id,
        organization=None,
        by=records[by],
        at=NOON,
    )


def test_attached_file_is_on_disk_named_by_its_digest(records, media):
    attachment = attach(records)

    stored = media / attachment.stored_name
    assert stored.read_bytes() == makers.PDF
    assert stored.name == f"{attachment.sha256}.pdf"
    assert stored.stat().st_mode & 0o777 == 0o600


def test_attach_and_remove_are_recorded_and_verify(records):
    attachment = attach(records)
    actions.remove(attachment, by=records["secretary"], at=NOON)

    kinds = Entry.objects.filter(subject_type="files.attachment").values_list("kind", flat=True)
    assert list(kinds.order_by("pk")) == ["files:attachment:added", "files:attachment:removed"]
    assert verify().faults == []


def test_same_content_is_stored_once_and_kept_for_the_other(records, media):
    first, second = attach(records), attach(records, owner_id=2, name="同一份.pdf")
    actions.remove(first, by=records["secretary"], at=NOON)

    storage.sweep({second.stored_name}, before=NOON + timedelta(days=9999))

    assert [*storage.stored()] == [second.stored_name]


def test_file_is_written_even_if_the_row_is_not(records, monkeypatch):
    def fail(*args, **options):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        attach(records)

    assert Attachment.objects.count() == 0
    assert len([*storage.stored()]) == 1


@pytest.mark.parametrize("who", ["member", "stranger secretary", "system admin"])
def test_others_may_not_attach_or_remove(who, records):
    attachment = attach(records)

    with pytest.raises(PermissionDenied, match="要书记来办"):
        attach(records, by=who)
    with pytest.raises(PermissionDenied, match="要书记来办"):
        actions.remove(attachment, by=records[who], at=NOON)

    assert Attachment.objects.live().count() == 1


def test_a_record_has_at_most_twenty_files(records):
    verdicts = [
        rules.may_attach(records["secretary"], TYPE, 1, present=present) for present in (19, 20)
    ]

    assert [bool(verdict) for verdict in verdicts] == [True, False]


def test_removed_twice_is_refused(records):
    attachment = actions.remove(attach(records), by=records["secretary"], at=NOON)

    with pytest.raises(PermissionDenied, match="已经移除"):
        actions.remove(attachment, by=records["secretary"], at=NOON)


@pytest.mark.parametrize("how_many", [1, 3])
def test_files_of_many_records_take_one_query(how_many, records, django_assert_num_queries):
    for _ in range(how_many):
        attach(records)
    attach(records, owner_id=2)

    with django_assert_num_queries(1):
        found = queries.of(TYPE, [1, 2, 3])

    assert {owner: len(files) for owner, files in found.items()} == {1: how_many, 2: 1}


@pytest.mark.parametrize(
    ("who", "owner_id", "code"),
    [
        ("secretary", 1, 200),
        ("secretary", 2, 200),
        ("member", 1, 200),
        ("member", 2, 404),
        ("stranger secretary", 1, 404),
        ("system admin", 1, 404),
        ("audit admin", 1, 404),
        ("signed out", 1, 302),
    ],
)
def test_download_answers_by_the_owner(who, owner_id, code, records, client):
    attachment = attach(records, owner_id=owner_id)
    if records[who]:
        client.force_login(records[who])

    response = client.get(attachment.get_absolute_url())
    response.close()

    assert response.status_code == code


def test_download_can_run_nothing(records, client):
    attachment = attach(records, name="11月 支委会.pdf")
    client.force_login(records["member"])

    response = client.get(attachment.get_absolute_url())

    assert response.getvalue() == makers.PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''11%E6%9C%88%20")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("who", "code"), [("secretary", 302), ("member", 403), ("stranger secretary", 404)]
)
def test_remove_answers_by_standing(who, code, records, client):
    attachment = attach(records)
    client.force_login(records[who])

    response = client.post(reverse("files:remove", args=[attachment.pk]))

    assert response.status_code == code
    assert Attachment.objects.live().count() == (0 if code == 302 else 1)


def test_removed_file_cannot_be_opened(records, client):
    attachment = actions.remove(attach(records), by=records["secretary"], at=NOON)
    client.force_login(records["secretary"])

    assert client.get(attachment.get_absolute_url()).status_code == 404


def test_sweep_takes_what_nobody_names_after_a_day(records, media):
    kept, removed = attach(records), attach(records, content=makers.PDF + b"2")
    actions.remove(removed, by=records["secretary"], at=NOON)
    (media / "ab").mkdir()
    (media / "ab" / ".half.part").write_bytes(b"x")
    for path in media.rglob("*.*"):
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))

    assert actions.sweep(NOON + timedelta(hours=23)) == 0
    assert actions.sweep(NOON + timedelta(hours=25)) == 2

    assert [*storage.stored()] == [kept.stored_name]


def test_sweep_gives_back_what_was_uploaded_again_meanwhile(records, media, monkeypatch):
    attachment = attach(records)
    path = media / attachment.stored_name
    os.utime(path, (0, 0))
    replace = type(path).replace

    def replaced_while_touched(self, target):
        os.utime(self)
        return replace(self, target)

    monkeypatch.setattr(type(path), "replace", replaced_while_touched)

    assert storage.sweep(set(), before=NOON - timedelta(days=1)) == 0

    assert path.read_bytes() == makers.PDF


def test_damages_name_lost_and_altered_files(records, media):
    lost, altered, removed = (attach(records, content=makers.PDF + bytes([n])) for n in range(3))
    attach(records)
    actions.remove(removed, by=records["secretary"], at=NOON)
    (media / lost.stored_name).unlink()
    (media / altered.stored_name).write_bytes(b"%PDF-other")
    (media / removed.stored_name).unlink()

    found = {damage.subject: damage.kind for damage in queries.damages()}

    assert found == {
        f"files.attachment:{lost.pk}": "file-missing",
        f"files.attachment:{altered.pk}": "file-altered",
    }


def test_removed_file_names_time_and_person(records):
    attachment = attach(records)

    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=attachment.pk).update(removed_at=NOON)


def _upload(name, content):
    return SimpleUploadedFile(name, content)


def test_field_says_which_file_is_wrong(settings):
    settings.UPLOAD_LIMIT = 1024 * 1024
    field = UploadsField()

    for name, content, said in [
        ("动图.gif", makers.GIF, "动图.gif：GIF"),
        ("大.pdf", makers.PDF + bytes(1024 * 1024), "超过 1 MB"),
    ]:
        with pytest.raises(Exception, match=said):
            field.clean([_upload("好.pdf", makers.PDF), _upload(name, content)])


def test_optional_field_takes_nothing_and_required_does_not():
    assert UploadsField(required=False).clean([]) == []
    with pytest.raises(Exception, match="这一项要填"):
        UploadsField().clean([])


def test_field_type_keeps_number_and_name(records):
    spec = fields.FieldSpec(id="paper", title="材料", type="file")
    kind = fields.get("file")
    attachment = attach(records)

    kept = kind.store(attachment)

    assert kept == {"id": attachment.pk, "name": "会议.pdf"}
    assert kind.store(kind.load(kept)) == kept
    assert kind.show(spec, kind.load(kept)) == "会议.pdf"
    assert isinstance(fields.control(spec), UploadField)
