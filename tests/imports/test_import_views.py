"""The import wizard: who gets which answer, what the pages say, what they do."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests import factories
from tests.conftest import NOON
from tests.core.pages import Markup
from tests.imports.bringing import bring
from tests.imports.sheets import (
    BORN,
    MEMBERS,
    TREE,
    WOMAN,
    member,
    members,
    organizations,
)
from tests.imports.workbooks import id_number, workbook
from zhibu.core import jobs as background
from zhibu.imports import actions, jobs, queries, storage, targets
from zhibu.imports.models import Batch
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OTHER = id_number(BORN, serial=7)
GOOD = workbook(members(member()))
FAULTY = workbook(members(member(), member(姓名="王红", 性别="?", 公民身份号码=WOMAN)))
EVERYBODY = (
    "secretary",
    "committee member",
    "member",
    "township officer",
    "county officer",
    "sibling secretary",
    "stranger secretary",
    "other township officer",
    "stranger member",
    "system admin",
    "security admin",
    "audit admin",
    "signed out",
)
OFFICERS = ("township officer", "county officer", "other township officer")


def expected(found, others):
    answers = dict.fromkeys(EVERYBODY, others) | {"signed out": 302}
    return [(who, status) for who, status in (answers | dict.fromkeys(found, 200)).items()]


def sign_in(client, user):
    if user:
        client.force_login(user)


def send(client, content, name="名册.xlsx"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("imports:upload"), {"file": file})


def text(response):
    return response.content.decode()


@pytest.fixture
def officer(cast, client):
    """The township officer, signed in."""
    client.force_login(cast["township officer"])
    return cast["township officer"]


@pytest.fixture
def uploaded(officer, client):
    """A roster with one clean and one faulty row, checked."""
    send(client, FAULTY)
    return Batch.objects.get()


@pytest.fixture
def applied(officer, tree):
    """An import below the township, settled."""
    return bring(officer, members(member()))


# --- who gets which answer


@pytest.mark.parametrize("name", ["list", "upload", "blank"])
@pytest.mark.parametrize(("who", "status"), expected(OFFICERS, 403))
def test_places_of_the_wizard_answer_by_standing(name, who, status, cast, client):
    sign_in(client, cast[who])

    assert client.get(reverse(f"imports:{name}")).status_code == status


@pytest.mark.parametrize("name", ["detail", "faults", "rest"])
@pytest.mark.parametrize(("who", "status"), expected(("township officer", "county officer"), 404))
def test_pages_of_an_import_answer_by_standing(name, who, status, cast, uploaded, client):
    client.logout()
    sign_in(client, cast[who])
    query = "?kind=errors&code=unknown_sex" if name == "faults" else ""

    address = reverse(f"imports:{name}", args=[uploaded.pk]) + query
    assert client.get(address).status_code == status


@pytest.mark.parametrize("name", ["apply", "discard"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        *[(w, 404) for w in EVERYBODY if w not in {"township officer", "county officer"}][:-1],
        ("signed out", 302),
        ("township officer", 302),
        ("county officer", 302),
    ],
)
def test_deciding_answers_by_standing(name, who, status, cast, uploaded, client):
    client.logout()
    sign_in(client, cast[who])

    answer = client.post(reverse(f"imports:{name}", args=[uploaded.pk]), {"door": "clean"})

    assert answer.status_code == status
    uploaded.refresh_from_db()
    may = who in {"township officer", "county officer"}
    assert (uploaded.state == Batch.State.CHECKED) == (not may)


@pytest.mark.parametrize(("who", "status"), expected(("township officer", "county officer"), 404))
def test_undoing_answers_by_standing(who, status, cast, applied, client):
    client.logout()
    sign_in(client, cast[who])
    address = reverse("imports:undo", args=[applied.pk])

    asked, done = client.get(address), client.post(address)

    assert asked.status_code == status
    assert done.status_code == (302 if status == 200 else status)
    applied.refresh_from_db()
    assert (applied.state == Batch.State.UNDONE) == (status == 200)


@pytest.mark.parametrize("name", ["apply", "discard"])
def test_deciding_is_posted(name, uploaded, client):
    assert client.get(reverse(f"imports:{name}", args=[uploaded.pk])).status_code == 405


def test_the_navigation_leads_here_for_who_may_import(cast, client):
    client.force_login(cast["township officer"])
    assert "导入名册" in text(client.get(reverse("core:more")))

    client.force_login(cast["secretary"])
    assert "导入名册" not in text(client.get(reverse("core:more")))


# --- upload and preview


def test_upload_is_checked_and_shown_before_anything_is_written(officer, client, tree):
    answer = send(client, FAULTY)

    batch = Batch.objects.get()
    assert answer.url == batch.get_absolute_url()
    page = text(client.get(answer.url))
    assert "有 1 处要改" in page
    assert "1 行不能导入，1 行可以" in page
    assert "性别“?”认不出来" in page
    assert "公民身份号码" in page
    assert "全部导入" not in page
    assert "先导入没有错的" in page
    assert not Person.objects.filter(born_on=BORN).exists()


def test_uploaded_file_and_preview_lie_sealed(officer, client, settings):
    send(client, FAULTY)

    files = sorted((settings.HOME / "imports").iterdir())
    assert {f.suffix for f in files} == {".workbook", ".preview", ".rest"}
    for file in files:
        assert WOMAN.encode() not in file.read_bytes()
        assert "王红".encode() not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_a_sealed_file_moved_to_another_import_cannot_be_read(officer, client, settings):
    send(client, FAULTY)
    send(client, GOOD)
    first, second = Batch.objects.order_by("pk")
    folder = settings.HOME / "imports"
    (folder / f"{first.key.hex}.workbook").replace(folder / f"{second.key.hex}.workbook")

    assert storage.get(second, "workbook") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"x" * 3_000_000, "超过 1 MB"),
    ],
)
def test_a_file_of_the_wrong_size_comes_back_with_the_form(
    officer, client, settings, content, said
):
    settings.UPLOAD_LIMIT = 1024 * 1024

    answer = send(client, content)

    assert answer.status_code == 200
    assert said in text(answer)
    assert not Batch.objects.exists()


def test_a_large_upload_is_not_written_in_full(settings):
    from zhibu.core.uploads import Capped

    settings.UPLOAD_LIMIT = 100
    handler = Capped()

    assert handler.receive_data_chunk(b"x", 100) == b"x"
    assert handler.receive_data_chunk(b"x", 101) is None


def test_no_file_is_said(officer, client):
    answer = client.post(reverse("imports:upload"), {})

    assert answer.status_code == 200
    assert "z-err" in text(answer)


def test_a_file_that_is_no_roster_says_so_and_offers_no_door(officer, client):
    send(client, b"%PDF-1.7", "名册.pdf")

    page = text(client.get(Batch.objects.get().get_absolute_url()))
    assert "这是 PDF，不是表格" in page
    assert 'name="door"' not in page


def test_faults_of_a_kind_are_all_listed_in_pages(officer, client):
    rows = [member(性别="?", 公民身份号码=id_number(BORN, serial=2 * n + 1)) for n in range(60)]
    send(client, workbook(members(*rows)))
    batch = Batch.objects.get()
    address = reverse("imports:faults", args=[batch.pk])

    page = text(client.get(f"{address}?kind=errors&code=unknown_sex"))
    assert "性别认不出来：60 处" in page
    assert "第 1 页，共 2 页" in page
    assert client.get(f"{address}?kind=errors&code=nothing").status_code == 404
    assert client.get(f"{address}?kind=else&code=unknown_sex").status_code == 404


def test_of_very_many_faults_the_first_are_kept_and_all_are_counted(officer, client, monkeypatch):
    monkeypatch.setattr(queries, "KEPT_FAULTS", 4)
    rows = [member(性别="?", 公民身份号码=id_number(BORN, serial=2 * n + 1)) for n in range(6)]
    send(client, workbook(members(*rows)))
    batch = Batch.objects.get()

    address = reverse("imports:faults", args=[batch.pk])
    page = text(client.get(f"{address}?kind=errors&code=unknown_sex"))

    assert "性别认不出来：6 处" in page
    assert "只列前 4 处" in page
    assert "全部 6 处" in text(client.get(batch.get_absolute_url()))


def test_refused_rows_can_be_fetched_with_reasons(uploaded, client):
    answer = client.get(reverse("imports:rest", args=[uploaded.pk]))

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = [[cell.value for cell in row] for row in book["党员"].iter_rows()]
    assert rows[-1][0] == "王红"
    assert "性别“?”认不出来" in rows[-1][-1]
    assert "filename*=UTF-8''" in answer["Content-Disposition"]


def test_the_blank_roster_is_understood_again(officer, client):
    answer = client.get(reverse("imports:blank"))

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    headings = [cell.value for cell in list(book["党员"].iter_rows())[-1]]
    words = targets.vocabulary(targets.named("members"))
    assert {words.field_of(h)[0] for h in headings} == set(words.fields)


# --- the two doors


def test_clean_rows_come_in_and_the_rest_stays_to_be_fetched(uploaded, client, tree):
    address = reverse("imports:apply", args=[uploaded.pk])

    answer = client.post(address, {"door": "clean"}, follow=True)

    assert "已导入：党员 1" in text(answer)
    assert "下载没导入的行" in text(answer)
    assert Person.objects.get(born_on=BORN).home == tree.village
    assert storage.has(uploaded, "rest")
    assert not storage.has(uploaded, "workbook")
    assert not storage.has(uploaded, "preview")
    assert verify().faults == []


def test_everything_comes_in_and_nothing_stays_on_disk(officer, client, settings):
    send(client, GOOD)
    batch = Batch.objects.get()

    answer = client.post(
        reverse("imports:apply", args=[batch.pk]), {"door": "everything"}, follow=True
    )

    assert "已导入：党员 1" in text(answer)
    assert list((settings.HOME / "imports").iterdir()) == []


def test_everything_is_refused_while_there_are_faults(uploaded, client):
    answer = client.post(reverse("imports:apply", args=[uploaded.pk]), {"door": "everything"})

    assert answer.status_code == 403
    assert "不能全部导入" in text(answer)


def test_another_door_is_no_decision(uploaded, client):
    client.post(reverse("imports:apply", args=[uploaded.pk]), {"door": "back"})

    uploaded.refresh_from_db()
    assert uploaded.state == Batch.State.CHECKED


def test_what_changed_since_the_check_is_said_and_nothing_comes_in(officer, client, tree):
    from tests.imports.sheets import MAN

    send(client, GOOD)
    batch = Batch.objects.get()
    factories.member(tree.village, by=tree.system, name="先来", id_number=MAN)

    answer = client.post(
        reverse("imports:apply", args=[batch.pk]), {"door": "everything"}, follow=True
    )

    assert "没有一行能导入" in text(answer)
    assert "已经登记过" in text(answer)
    batch.refresh_from_db()
    assert batch.state == Batch.State.CHECKED


def test_giving_up_deletes_what_was_uploaded(
    uploaded, client, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("imports:discard", args=[uploaded.pk]))

    uploaded.refresh_from_db()
    assert uploaded.state == Batch.State.DISCARDED
    assert list((settings.HOME / "imports").iterdir()) == []


def test_a_file_that_is_gone_is_said(uploaded, client):
    storage.drop(uploaded, "workbook")

    answer = client.post(
        reverse("imports:apply", args=[uploaded.pk]), {"door": "clean"}, follow=True
    )

    assert "已经不在了" in text(answer)


# --- with a worker


@pytest.fixture
def worker(transactional_db):
    """A background worker that lives: does what is waiting."""
    background.beat("w", NOON)

    def work():
        while background.Runner("w").run_ready():
            pass

    return work


@pytest.mark.django_db(transaction=True)
def test_the_worker_checks_and_brings_in(worker, officer, client, tree):
    send(client, GOOD)
    batch = Batch.objects.get()
    waiting = text(client.get(batch.get_absolute_url()))
    assert "正在核对" in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting

    worker()
    page = text(client.get(batch.get_absolute_url()))
    assert "核对过了，可以导入" in page
    assert "后台没有在运行" not in page

    client.post(reverse("imports:apply", args=[batch.pk]), {"door": "everything"})
    batch.refresh_from_db()
    assert batch.state == Batch.State.QUEUED
    assert not Person.objects.filter(born_on=BORN).exists()

    worker()
    assert DBTaskResult.objects.failed().count() == 0
    assert "已导入" in text(client.get(batch.get_absolute_url()))
    assert Person.objects.filter(born_on=BORN).exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_takes_back(worker, applied, client):
    client.post(reverse("imports:undo", args=[applied.pk]))
    worker()

    applied.refresh_from_db()
    assert applied.state == Batch.State.UNDONE


@pytest.mark.django_db(transaction=True)
def test_a_job_that_comes_twice_does_nothing_the_second_time(worker, officer, client):
    send(client, GOOD)
    batch = Batch.objects.get()
    jobs.check_file.enqueue(batch.pk)
    worker()
    client.post(reverse("imports:apply", args=[batch.pk]), {"door": "everything"})
    jobs.bring_in.enqueue(batch.pk, officer.pk)
    worker()

    assert DBTaskResult.objects.failed().count() == 0
    assert Person.objects.filter(born_on=BORN).count() == 1


@pytest.mark.django_db(transaction=True)
def test_progress_alone_for_htmx(worker, officer, client):
    send(client, GOOD)
    batch = Batch.objects.get()
    Batch.objects.filter(pk=batch.pk).update(state="writing", progress=30, total=100, beat_at=NOON)

    part = text(client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}))

    assert part.lstrip().startswith('<section class="z-card" id="progress"')
    assert 'value="30" max="100"' in part
    assert "<html" not in part


def test_progress_that_has_ended_brings_the_whole_page(applied, client):
    answer = client.get(applied.get_absolute_url(), headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"


# --- result and undo


def test_the_result_offers_to_take_back_and_says_what_stayed(applied, client):
    person = Person.objects.get(born_on=BORN)
    factories.account(person)
    assert "撤销这次导入" in text(client.get(applied.get_absolute_url()))

    page = text(client.post(reverse("imports:undo", args=[applied.pk]), follow=True))

    assert "已撤销，1 条留下了" in page
    assert f'<a href="{person.get_absolute_url()}">顾长林</a>' in page
    assert "有账号" in page


def test_a_failed_import_says_why_and_can_be_tried_again(uploaded, client):
    actions._fail(uploaded, "导入到一半中断了，已经清干净，一行也没有导入。请再导入一次。", NOON)

    page = text(client.get(uploaded.get_absolute_url()))
    assert "一行也没有导入" in page
    assert "先导入没有错的" in page

    client.post(reverse("imports:apply", args=[uploaded.pk]), {"door": "clean"})
    assert Person.objects.filter(born_on=BORN).exists()


# --- every page


def test_pages_carry_nothing_the_policy_forbids(uploaded, client):
    client.post(reverse("imports:apply", args=[uploaded.pk]), {"door": "clean"})
    send(client, FAULTY)
    second = Batch.objects.order_by("pk").last()
    addresses = [
        reverse("imports:list"),
        reverse("imports:upload"),
        uploaded.get_absolute_url(),
        second.get_absolute_url(),
        reverse("imports:undo", args=[uploaded.pk]),
        reverse("imports:faults", args=[second.pk]) + "?kind=errors&code=unknown_sex",
    ]
    for address in addresses:
        page = Markup(text(client.get(address)))
        assert page.inline == []
        assert page.headings.count("h1") == 1
        assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("state", [s for s in Batch.State if s != Batch.State.CHECKED])
def test_every_state_has_its_page(state, uploaded, client):
    made = {"made": {"organizations": 0, "members": 1}}
    Batch.objects.filter(pk=uploaded.pk).update(
        state=state, counts={**uploaded.counts, **made}, settled_at=NOON, beat_at=NOON
    )

    page = text(client.get(uploaded.get_absolute_url()))

    assert Batch.State(state).label.split("，")[0] in page


def test_lists_cost_the_same_for_one_and_for_thirty(officer, client, queries_of):
    send(client, FAULTY)
    one = queries_of(reverse("imports:list"))
    for _ in range(29):
        send(client, FAULTY)

    assert queries_of(reverse("imports:list")) == one
    assert one <= 12
    assert queries_of(Batch.objects.first().get_absolute_url()) <= 12


def test_somebody_with_two_places_chooses_where(cast, tree, client):
    user = cast["township officer"]
    person = Person.objects.get(pk=user.person_id)
    from zhibu.organizations import actions as organization_actions
    from zhibu.people import actions as people

    post = organization_actions.make_post(
        tree.west, kind="organisation-officer", title="组织干事", role="committee-officer",
        since=factories.SINCE, by=tree.system, at=NOON,
    )  # fmt: skip
    people.hold_post(person, post=post, since=factories.SINCE, by=tree.system, at=NOON)
    client.force_login(user)
    assert "导入到" in text(client.get(reverse("imports:upload")))
    row = ["N1", "新村党支部", "党支部", "", "", ""]
    file = SimpleUploadedFile("x.xlsx", workbook(organizations(row)))

    client.post(reverse("imports:upload"), {"file": file, "under": str(tree.west.pk)})
    batch = Batch.objects.get()
    client.post(reverse("imports:apply", args=[batch.pk]), {"door": "everything"})

    assert Organization.objects.get(code="N1").parent == tree.west


def test_every_kind_of_fault_has_a_title():
    """A page never shows the name of a code."""
    from tests.imports import test_members, test_organizations

    codes = {code for _, code, *_ in test_members.ERRORS + test_members.WARNINGS if code}
    codes |= {code for _, code, *_ in test_organizations.ERRORS + test_organizations.WARNINGS}
    codes |= {"shifted_row", "duplicate_id", "already_registered", "same_name_and_birth",
              "two_secretaries", "post_taken", "organization_refused", "parent_refused",
              "ambiguous_branch", "branch_dissolved", "missing_sheet", "missing_column",
              "error_cell", "formula_without_value", "no_members_sheet", "already_there",
              "same_file", "hidden_rows", "file_exhausting", "ambiguous_parent"}  # fmt: skip

    assert [code for code in sorted(codes) if queries.title_of(code) == code] == []


def test_headings_of_sheets_are_not_taken_for_markup(officer, client):
    headings = ["<b>姓名</b>", *MEMBERS[1:]]
    send(client, workbook(members(member(姓名="<script>x</script>"), headings=headings)))

    page = text(client.get(Batch.objects.get().get_absolute_url()))

    assert "<script>x" not in page
    assert "<b>姓名" not in page


def test_tree_of_the_file_hangs_below_the_officer(officer, client, tree):
    rows = [["N1", "新党总支", "党总支", "", "", ""], ["N2", "新一党支部", "党支部", "N1", "", ""]]
    send(client, workbook(organizations(*rows)))
    batch = Batch.objects.get()

    client.post(reverse("imports:apply", args=[batch.pk]), {"door": "everything"})

    assert Organization.objects.get(code="N2").path.startswith(tree.east.path)
    assert TREE[0][0] not in set(Organization.objects.values_list("code", flat=True))
