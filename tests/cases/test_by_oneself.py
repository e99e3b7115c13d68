"""What only the person may begin, steps that another does away with, what need not wait."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import scenes
from tests.cases import procedures
from tests.cases.test_meaning import told
from tests.conftest import NOON, TODAY
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, rules
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Step
from zhibu.core.verdicts import Refused
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SMALL = {"size": "small"}
OWN = procedures.PERMIT.replace(
    '[starter]\nwho = "organization"\n',
    '[starter]\nwho = "subject"\n\n[subject]\ntitle = "借房的人"\n',
)
DROPPING = procedures.PERMIT.replace(
    'id = "fit"\ntitle = "合用"\nto = ["decide"]',
    'id = "fit"\ntitle = "合用"\nto = ["county"]\ndrops = ["notice"]',
)


@pytest.fixture
def offered(tree):
    @contextmanager
    def offer(text):
        pack = procedures.pack(text)
        since = date(2026, 1, 1)
        with library.trying(pack):
            adoptions.adopt(
                pack=pack.id, organization=tree.county, since=since, by=tree.system, at=NOON
            )
            yield

    return offer


def begin(tree, by, **more):
    return actions.start(
        tree.village, procedure=procedures.REFERENCE, wording=date(2018, 1, 1), title="借两间房",
        values={"rooms": 2}, on=TODAY, by=by, at=NOON, **more,
    )  # fmt: skip


def test_who_begins_their_own_is_whom_it_is_about(offered, tree, cast):
    with offered(OWN):
        case = begin(tree, cast["member"])

        assert case.person_id == cast["member"].person_id
        assert Case.objects.visible_to(cast["member"]).get() == case


@pytest.mark.parametrize("who", ["township officer", "county officer", "sibling secretary"])
def test_nobody_begins_it_for_another_branch_or_person(offered, tree, cast, who):
    person = scenes.person_of(cast["member"])
    with offered(OWN), pytest.raises(Refused, match="前村党支部的党员本人开始"):
        begin(tree, cast[who], person=person)


def test_secretary_begins_their_own_and_nobody_elses(offered, tree, cast):
    with offered(OWN):
        case = begin(tree, cast["secretary"], person=scenes.person_of(cast["member"]))

        assert case.person_id == cast["secretary"].person_id


def test_who_began_it_gives_it_up(offered, tree, cast):
    with offered(OWN):
        case = begin(tree, cast["member"])

        assert not rules.may_cancel(cast["sibling secretary"], case, case.rule)
        assert actions.cancel(case, reason="不借了", by=cast["member"], at=NOON).ended_on == TODAY


def test_member_finds_it_on_the_own_page_and_begins_it(offered, tree, cast, client):
    client.force_login(cast["member"])
    start = reverse("cases:start", args=[tree.village.pk])
    with offered(OWN):
        assert f'href="{start}"' in client.get(reverse("people:me")).content.decode()
        assert "用房申请" in client.get(start).content.decode()
        page = client.get(start, {"procedure": procedures.REFERENCE}).content.decode()
        assert 'name="rooms"' in page
        assert 'name="subject"' not in page

        typed = {"title": "借两间房", "happened_on": str(TODAY), "rooms": "2"}
        answer = client.post(f"{start}?procedure={procedures.REFERENCE}", typed)
        assert answer.status_code == 302
        assert Case.objects.get().person_id == cast["member"].person_id


def test_member_finds_nothing_that_others_begin(offered, tree, cast, client):
    client.force_login(cast["member"])
    start = reverse("cases:start", args=[tree.village.pk])
    with offered(procedures.PERMIT):
        assert "用房申请" not in client.get(start).content.decode()
        assert client.get(start, {"procedure": procedures.REFERENCE}).status_code == 404


def test_member_begins_nothing_elsewhere(offered, tree, cast, client):
    client.force_login(cast["member"])
    with offered(OWN):
        assert client.get(reverse("cases:start", args=[tree.inner.pk])).status_code == 404


def test_page_of_a_person_leads_to_a_beginning_about_them(offered, tree, cast, client):
    client.force_login(cast["secretary"])
    person = scenes.person_of(cast["member"])
    about = procedures.PERMIT.replace(
        '[starter]\nwho = "organization"\n',
        '[starter]\nwho = "organization"\n\n[subject]\ntitle = "借房的人"\n',
    )
    start = reverse("cases:start", args=[tree.village.pk]) + f"?subject={person.pk}"
    with offered(about):
        assert start in client.get(person.get_absolute_url()).content.decode()
        listed = client.get(start).content.decode()
        assert f"&amp;subject={person.pk}" in listed
        form = client.get(start, {"procedure": procedures.REFERENCE, "subject": person.pk})
        assert f'<option value="{person.pk}" selected>' in form.content.decode()


def test_step_that_does_away_with_another_drops_it(offered, tree, cast):
    with offered(DROPPING):
        case = begin(tree, cast["secretary"])
        assert case.due_on == TODAY + timedelta(days=7)
        step = Step(outcome="fit", happened_on=TODAY, values={"size": "small"})
        actions.act(case.turns.open().get(stage="look"), step, by=cast["secretary"], at=NOON)

        states = dict(case.turns.values_list("stage", "state"))
        assert states == {
            "look": Turn.State.DONE, "notice": Turn.State.DROPPED, "county": Turn.State.OPEN,
        }  # fmt: skip
        assert Case.objects.get(pk=case.pk).due_on is None


@pytest.mark.parametrize(
    ("drops", "says"), [("lock", "没有步骤 lock"), ("look", "步骤 look 就是这一步")]
)
def test_dropping_what_cannot_be_is_told(drops, says):
    text = DROPPING.replace('drops = ["notice"]', f'drops = ["{drops}"]')

    assert ("stages[1].outcomes[0].drops", says) in [(at, m[: len(says)]) for at, m in told(text)]


def test_own_case_unseen_by_the_person_is_told():
    text = OWN.replace('title = "借房的人"\n', 'title = "借房的人"\nsees = false\n')

    assert ("subject.sees", "本人开始的事，本人要看得到") in told(text)


EARLY = procedures.PERMIT.replace(
    'title = "重看"\nto = ["look"]', 'title = "重看"\nearly = true\nto = ["look"]'
)


def looked_at(tree, cast):
    """A case that waits for its decision until working days have gone by."""
    case = begin(tree, cast["secretary"])
    for stage, outcome, values in (("notice", "posted", {}), ("look", "fit", SMALL)):
        step = Step(outcome=outcome, happened_on=TODAY, values=values)
        actions.act(case.turns.open().get(stage=stage), step, by=cast["secretary"], at=NOON)
    return case


def sent_back(case, cast):
    step = Step(outcome="again", happened_on=TODAY, reason="没量准")
    actions.act(case.turns.open().get(), step, by=cast["township officer"], at=NOON)


def test_what_need_not_wait_is_done_before_its_day_and_the_rest_is_not(offered, tree, cast):
    with offered(EARLY):
        case = looked_at(tree, cast)
        turn = case.turns.open().get(stage="decide")
        assert turn.not_before > TODAY

        step = Step(outcome="agree", happened_on=TODAY)
        with pytest.raises(Faulty, match="起才能办"):
            actions.act(turn, step, by=cast["township officer"], at=NOON)
        sent_back(case, cast)
        assert case.turns.open().get().stage == "look"


def test_need_not_wait_where_nothing_waits_is_told():
    text = procedures.PERMIT.replace('id = "posted",', 'id = "posted", early = true,')

    assert ("stages[0].outcomes[0].early", "这一步没有 waits，不用写 early") in told(text)


@pytest.mark.parametrize("is_fresh", [False, True])
def test_what_was_written_stands_there_again_unless_asked_afresh(
    offered, tree, cast, client, is_fresh
):
    client.force_login(cast["secretary"])
    fresh = EARLY.replace('title = "看房"\n', 'title = "看房"\nfresh = true\n')
    with offered(fresh if is_fresh else EARLY):
        case = looked_at(tree, cast)
        sent_back(case, cast)

        page = client.get(case.get_absolute_url()).content.decode()
        assert ('<option value="small" selected>' in page) is not is_fresh


@pytest.mark.parametrize("asks", [False, True])
def test_what_asks_a_reason_is_not_told_as_what_comes(offered, tree, cast, client, asks):
    client.force_login(cast["secretary"])
    text = procedures.PERMIT.replace('id = "posted",', 'id = "posted", reason = true,')
    text = text.replace('id = "fit"\n', 'id = "fit"\nreason = true\n')
    with offered(text if asks else procedures.PERMIT):
        page = client.get(begin(tree, cast["secretary"]).get_absolute_url()).content.decode()

        assert ('<span class="t">批</span>' in page) is not asks
