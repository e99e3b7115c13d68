"""Who hears of a report against a person, and who never does, by how they stand."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.api.asking import client_of, token_for
from tests.portal import asking as doors
from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cases import telling
from zhibu.cases.effects import follow
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Step
from zhibu.core.fields import Named
from zhibu.core.succession import Follow
from zhibu.notices import kinds
from zhibu.notices.models import Notice
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SAID = {"what": "队里的账对不上", "whom": "队长顾某"}
PAGES = (
    "/today/", "/workbench/", "/calendar/", "/cases/?view=all", "/cases/?view=mine",
    "/cases/?view=all&export=1", "/cases/board/", "/cases/progress/", "/cases/lists/",
    "/requests/?view=all", "/requests/?view=all&export=1", "/ledger/?below=1",
    "/search/?q=专门事项", "/search/?q=对不上", "/notices/", "/people/me/rights/data/json/",
    "/overview/", "/api/v1/cases?view=all", "/api/v1/notices", "/organizations/{unit}/",
    "/organizations/{body}/", "/open/{unit}/",
)  # fmt: skip


@pytest.fixture
def village(tree, cast):
    doors.open_doors(tree)
    return tree.village


@pytest.fixture
def body(tree, village):
    """Where reports are kept, with nobody in post."""
    return factories.organization(
        tree.county, by=tree.system, name="某县纪检组织", kind="discipline"
    )


def keeper(tree, body, *, home=None, title="书记", name="严正清", since=factories.SINCE):
    return factories.holder(
        home or tree.far, body, "branch-secretary", by=tree.system, title=title, name=name,
        since=since,
    )  # fmt: skip


def report(village):
    ticket, _ = doors.ask(village, doors.REPORT, values=SAID, phone="13900001234")
    return ticket.case


def told(case):
    """Who was told of the turns of a case, by what was sent."""
    rows = Notice.objects.filter(key__startswith=f"case:{case.pk}:")
    return set(rows.values_list("user", flat=True))


def sit(person, organization, *, by):
    """Give ``person`` a post there."""
    post = organizations.make_post(
        organization, kind="branch-secretary", title="书记", role="branch-secretary",
        since=factories.SINCE, by=by, at=timezone.now(),
    )  # fmt: skip
    people.hold_post(person, post=post, since=factories.SINCE, by=by, at=timezone.now())


def person_of(user):
    return Person.objects.get(pk=user.person_id)


def named(case, person, *, by):
    """Sorted out as being about ``person``."""
    step = doors.step("take", person=Named(person.pk, person.name))
    cases.act(case.turns.open().get(), step, by=by, at=timezone.now())
    case.refresh_from_db()


# --- who must take it is told


def test_whoever_keeps_reports_is_told_and_opens_it(tree, village, body, client):
    one, two = keeper(tree, body), keeper(tree, body, title="纪检干部", name="周明镜")
    case = report(village)

    assert told(case) == {one.pk, two.pk}
    notice = Notice.objects.get(user=one, key__startswith="case:")
    assert "专门事项" in notice.body and "某县纪检组织" in notice.body
    assert not any(word in notice.title + notice.body for word in (*SAID.values(), village.name))
    for who in (one, two):
        client.force_login(who)
        assert client.get(notice.url).status_code == 200


def test_whoever_stands_in_the_unit_is_not_told(tree, village, body):
    """By a post in it, or simply as a member of it."""
    other = keeper(tree, body)
    at_home = keeper(tree, body, home=village, title="纪检干部", name="李四")
    case = report(village)

    assert told(case) == {other.pk}
    assert not Case.objects.visible_to(at_home).filter(pk=case.pk).exists()


def test_whoever_is_named_is_told_of_nothing_after_it(tree, village, body):
    one, two = keeper(tree, body), keeper(tree, body, title="纪检干部", name="周明镜")
    case = report(village)
    before = Notice.objects.filter(user=two).count()
    named(case, person_of(two), by=one)

    assert Notice.objects.filter(user=two).count() == before
    assert Notice.objects.filter(user=one, key=f"case:{case.pk}:2").exists()


# --- nobody takes it


def unattended():
    return Notice.objects.filter(key__startswith="unattended:")


def weeks():
    return unattended().values("key").distinct().count()


def test_administrators_hear_that_nobody_takes_it_and_not_what(tree, village, body, client):
    system, auditor = factories.admin("system-admin"), factories.admin("audit-admin")
    case = report(village)

    assert told(case) == set()
    hands = User.objects.filter(pk__in=unattended().values("user"))
    assert system in hands and auditor not in hands
    assert {one.admin_role for one in hands} <= {"system-admin", "security-admin"}
    for notice in unattended():
        said = notice.title + notice.body + notice.url + notice.key
        assert "某县纪检组织" in said
        hidden = (*SAID.values(), village.name, case.title, "检举", "举报", "/cases/")
        assert not [word for word in hidden if word in said]
    assert kinds.words("unattended") != kinds.UNNAMED
    client.force_login(system)
    assert client.get("/notices/").status_code == 200
    assert client.get(case.get_absolute_url()).status_code == 404


def test_several_that_nobody_takes_are_told_of_once_a_week(tree, village, body, clock):
    factories.admin("system-admin")
    for _ in range(3):
        report(village)
    assert weeks() == 1  # how many is not told either

    assert telling.tell_of_kept_apart(timezone.now()) == 3
    assert weeks() == 1
    clock.shift(timedelta(days=7))
    telling.tell_of_kept_apart(timezone.now())
    assert weeks() == 2


def test_a_post_without_an_account_takes_nothing(tree, village, body):
    factories.admin("system-admin")
    who = keeper(tree, body)
    User.objects.filter(pk=who.pk).update(is_active=False)
    case = report(village)

    assert told(case) == set() and weeks() == 1


def test_the_only_one_in_post_who_is_named_leaves_nobody(tree, village, body):
    factories.admin("system-admin")
    one = keeper(tree, body, home=village)
    case = report(village)

    assert told(case) == set() and weeks() == 1
    assert not Notice.objects.filter(user=one).exists()


def test_whoever_comes_into_post_is_told_of_what_waits_once(tree, village, body):
    case = report(village)
    late = keeper(tree, body)
    assert told(case) == set()

    for _ in range(2):
        telling.tell_of_kept_apart(timezone.now())
    assert Notice.objects.filter(user=late, key=f"case:{case.pk}:1").count() == 1


def test_nobody_is_told_of_what_has_ended(tree, village, body):
    one = keeper(tree, body)
    case = report(village)
    step = Step(outcome="elsewhere", happened_on=timezone.localdate(), reason="归市里办")
    cases.act(case.turns.open().get(), step, by=one, at=timezone.now())

    assert telling.tell_of_kept_apart(timezone.now()) == 0


def test_what_anybody_may_take_is_not_told_to_administrators(village):
    factories.admin("system-admin")
    doors.ask(village)
    assert not unattended().exists()


# --- whom it names, and the unit


def pages(who, **places):
    """What each page says to them, without what differs at every look; each as its own visitor."""
    client, program = Client(), client_of(token_for(who))
    client.force_login(who)
    found = {}
    for address in PAGES:
        asks = program if address.startswith("/api/") else client
        answer = asks.get(address.format(**places))
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = answer.status_code, plain(body)
    return found


def plain(content):
    import io
    import zipfile

    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = sorted(name for name in file.namelist() if name.startswith("xl/"))
            return "".join(file.read(name).decode() for name in parts)
    text = content.decode()
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|name="seal" value)="[^"]*"', "", text)
    return re.sub(r"\d 加 \d", "", text)


STANDS = (
    "secretary", "member", "township officer", "county officer", "stranger secretary",
    "of the unit, keeping", "system-admin",
)  # fmt: skip


@pytest.mark.parametrize("who", STANDS)
def test_no_page_differs_by_a_report(tree, village, body, cast, who):
    """List, count, search, export, ledger, notices, file about oneself, programs: each page says
    the very same before and after it came in."""
    keeper(tree, body)
    kept = keeper(tree, body, home=village, title="纪检干部", name="李四")
    one = {"of the unit, keeping": kept}.get(who) or cast.get(who) or factories.admin(who)
    places = {"unit": village.pk, "body": body.pk}
    before = pages(one, **places)
    case = report(village)

    after = pages(one, **places)
    assert [page for page in PAGES if before[page] != after[page]] == []
    client, program = Client(), client_of(token_for(one))
    client.force_login(one)
    for address in (
        case.get_absolute_url(), f"{case.get_absolute_url()}diagram/",
        f"/api/v1/cases/{case.pk}",
    ):  # fmt: skip
        asks = program if address.startswith("/api/") else client
        assert asks.get(address).status_code == 404, address


def test_no_page_differs_for_whom_it_names(tree, village, body):
    """Somebody in post there is named while sorting out: it is as if it had never come."""
    one, two = keeper(tree, body), keeper(tree, body, title="纪检干部", name="周明镜")
    places = {"unit": village.pk, "body": body.pk}
    before = pages(two, **places)
    case = report(village)
    Notice.objects.filter(user=two).delete()  # told before anybody knew whom it is about
    named(case, person_of(two), by=one)

    after = pages(two, **places)
    assert [page for page in PAGES if before[page] != after[page]] == []


def test_pages_are_compared_for_real(tree, village, body):
    """Whoever keeps it sees the difference: the comparison is not of nothing."""
    one = keeper(tree, body)
    places = {"unit": village.pk, "body": body.pk}
    before = pages(one, **places)
    report(village)

    after = pages(one, **places)
    differ = {page for page in PAGES if before[page] != after[page]}
    assert {"/cases/?view=all", "/ledger/?below=1", "/search/?q=专门事项", "/notices/"} <= differ
    assert {"/cases/?view=all&export=1", "/api/v1/cases?view=all"} <= differ
    assert {before[page][0] for page in PAGES} <= {200, 302, 403, 404}


# --- whom it turns out to be about, and where they sit


@pytest.mark.parametrize("link", ["post", "roll"])
def test_a_unit_of_whom_it_names_is_shut_out_with_them(tree, village, body, link):
    """Told about the village, it turns out to be about somebody of another branch: whoever
    keeps reports and stands there sees it no more."""
    one = keeper(tree, body)
    two = keeper(tree, body, home=tree.inner, title="纪检干部", name="周明镜")
    case = report(village)
    assert Case.objects.visible_to(two).filter(pk=case.pk).exists()
    home = tree.inner if link == "roll" else tree.far
    whom = factories.member(home, by=tree.system, name="顾某")
    sits = whom if link == "post" else person_of(two)
    sit(sits, tree.inner, by=tree.system)
    named(case, whom, by=one)

    assert not Case.objects.visible_to(two).filter(pk=case.pk).exists()
    assert not Turn.objects.waiting_for(two).filter(case=case).exists()
    assert Case.objects.visible_to(one).filter(pk=case.pk).exists()


def test_it_stays_shut_out_after_whom_it_names_has_gone(tree, village, body, clock):
    one = keeper(tree, body)
    two = keeper(tree, body, home=tree.inner, title="纪检干部", name="周明镜")
    sit(person_of(two), tree.inner, by=tree.system)
    whom = factories.member(tree.inner, by=tree.system, name="顾某")
    case = report(village)
    named(case, whom, by=one)
    clock.shift(timedelta(days=40))
    people.place(
        person=whom,
        organization=tree.far,
        since=timezone.localdate(),
        by=tree.system,
        at=timezone.now(),
    )

    assert not Case.objects.visible_to(two).filter(pk=case.pk).exists()


def test_about_the_township_itself_it_goes_to_the_county(tree, village, body):
    """The township's keepers do not clear up what their own township's people are said to have
    done; what is open goes along, and the page of whoever sorted it out says so."""
    low = factories.organization(tree.east, by=tree.system, name="东镇纪检组织", kind="discipline")
    one, two = keeper(tree, low), keeper(tree, body, name="周明镜")
    case = report(village)
    assert case.organization == low
    whom = factories.member(village, by=tree.system, name="顾某")
    sit(whom, tree.east, by=tree.system)

    client = Client()
    client.force_login(one)
    turn = case.turns.open().get()
    answer = client.post(
        f"/cases/{case.pk}/turns/{turn.pk}/",
        {"outcome": "take", "happened_on": "2026-11-20", "person": whom.pk},
        follow=True,
    )
    case.refresh_from_db()
    assert "已经交给再上一级" in answer.content.decode()
    assert case.organization == body and case.turns.open().get().organization == body
    assert told(case) == {one.pk, two.pk}  # one of them before it was known
    assert not Case.objects.visible_to(one).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(two).filter(pk=case.pk).exists()


def test_with_nobody_above_the_others_of_the_body_keep_it(tree, village, body):
    one, two = keeper(tree, body), keeper(tree, body, title="纪检干部", name="周明镜")
    case = report(village)
    named(case, person_of(two), by=one)

    assert case.organization == body
    assert Case.objects.visible_to(one).filter(pk=case.pk).exists()


def test_the_successor_of_a_unit_is_shut_out_too(tree, village, body):
    keeper(tree, body)
    case = report(village)
    heir = keeper(tree, body, home=tree.inner, title="纪检干部", name="周明镜")
    assert Case.objects.visible_to(heir).filter(pk=case.pk).exists()
    params = Follow(on=date(2026, 11, 20), about=tree.east.pk, homes={village.pk: tree.inner.pk})
    follow(params, tree.system, timezone.now())

    case.refresh_from_db()
    assert case.unit == tree.inner
    assert not Case.objects.visible_to(heir).filter(pk=case.pk).exists()


def test_told_in_the_village_it_turns_out_to_be_about_the_township(tree, village, body):
    """Whoever sorts it out writes the unit; the township's own keepers give it up, and nobody of
    the township sees it."""
    low = factories.organization(tree.east, by=tree.system, name="东镇纪检组织", kind="discipline")
    one, two = keeper(tree, low), keeper(tree, body, name="周明镜")
    of_both = keeper(tree, body, title="纪检干部", name="李四")
    sit(person_of(of_both), tree.east, by=tree.system)
    case = report(village)
    client = Client()
    client.force_login(one)
    turn = case.turns.open().get()
    page = client.get(case.get_absolute_url()).content.decode()
    assert 'value="前村党支部"' in page  # as it was asked, to be changed
    client.post(
        f"/cases/{case.pk}/turns/{turn.pk}/",
        {"outcome": "take", "happened_on": "2026-11-20", "unit": "东镇委员会"},
    )

    case.refresh_from_db()
    assert case.unit == tree.east and case.organization == body
    sees = [who for who in (one, two, of_both) if Case.objects.visible_to(who).exists()]
    assert sees == [two]


def test_the_unit_stays_as_it_was_asked_where_nobody_changes_it(tree, village, body):
    one = keeper(tree, body)
    case = report(village)
    client = Client()
    client.force_login(one)
    turn = case.turns.open().get()
    client.post(
        f"/cases/{case.pk}/turns/{turn.pk}/",
        {"outcome": "take", "happened_on": "2026-11-20", "unit": "前村党支部"},
    )

    case.refresh_from_db()
    assert case.unit == village and case.turns.open().get().stage == "verify"


def test_who_leads_the_branch_of_whom_they_named_is_told_that_others_go_on(tree, village, body):
    """It stays where it is, and the page does not say that it went anywhere."""
    one, two = keeper(tree, body), keeper(tree, body, name="周明镜")
    sit(person_of(one), village, by=tree.system)
    case = Case.objects.get(pk=report(tree.inner).pk)
    whom = factories.member(tree.inner, by=tree.system, name="顾某")
    sit(whom, village, by=tree.system)
    client = Client()
    client.force_login(one)
    turn = case.turns.open().get()
    answer = client.post(
        f"/cases/{case.pk}/turns/{turn.pk}/",
        {"outcome": "take", "happened_on": "2026-11-20", "person": whom.pk},
        follow=True,
    ).content.decode()

    case.refresh_from_db()
    assert case.organization == body
    assert "由这里别的人接着办" in answer and "再上一级" not in answer
    sees = [who for who in (one, two) if Case.objects.visible_to(who).exists()]
    assert sees == [two]
