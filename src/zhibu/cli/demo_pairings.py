"""Links and rotas of the demo: households that somebody keeps in touch with, some of them owed a
contact; volunteers on duty in turn; through the real actions."""

from datetime import date, timedelta

from zhibu.accounts.models import User
from zhibu.cli.demo_cases import People, noon
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.pairings import actions, queries, rotas
from zhibu.pairings.drafts import LinkDraft, RotaDraft
from zhibu.pairings.queries import rule_of
from zhibu.pairings.rota_queries import people_to_choose
from zhibu.people.models import Person
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft

ROSTER, ESTATE = "seeds/link-roster", "seeds/estate-rota"
HOUSEHOLDS, DUTY = f"{ROSTER}:households", f"{ESTATE}:duty"
REGISTRATION = "seeds/dual-registration"
REPORTING = f"{REGISTRATION}:members"
NAMES = ("东头李家", "桥口王家", "西圩陈家", "河北张家")
ON_DUTY = 6  # people of a rota
WEEK = timedelta(days=7)


def fill(hands: list[tuple[Organization, People]], *, today: date) -> None:
    """Each branch has four households, two of them linked, one of these talked to this month; its
    people are on duty in turn for four weeks, and the owner of a turn next week looks for somebody
    to take it."""
    for branch, who in hands:
        if not {HOUSEHOLDS, DUTY} <= set(queries.in_force(branch, today)):
            continue
        _links(branch, who, today)
        _rota(branch, who, today)


def _links(branch: Organization, who: People, today: date) -> None:
    held = queries.in_force(branch, today, "link")[HOUSEHOLDS]
    since, wording = today - timedelta(days=60), held.wording.since
    for number, name in enumerate(NAMES):
        row = registers.open_row(
            branch, Draft(since=since, values={"name": name, "agreed": True}),
            register=HOUSEHOLDS, wording=date(2000, 1, 1), by=who.secretary, at=noon(since),
        )  # fmt: skip
        if number >= 2:
            continue
        owner = who.owner
        sides = LinkDraft(who=Named(owner.pk, owner.name), whom=Named(row.pk, name), since=since)
        link = actions.begin_link(
            branch, sides, kind=HOUSEHOLDS, wording=wording, rule=rule_of(held), by=who.secretary,
            at=noon(since),
        )  # fmt: skip
        if number == 0:
            day = today - timedelta(days=9)
            actions.log_contact(
                link, held_on=day, channel="interview", needs="门口的路灯不亮", by=who.secretary,
                at=noon(day),
            )  # fmt: skip


def report_in(
    home: Organization, who: Person, host: Organization, *, by: User, today: date
) -> None:  # fmt: skip
    """A member of ``home`` reported in at ``host`` a month ago, and helped there once."""
    since = today - timedelta(days=30)
    held = queries.in_force(home, since, "link")[REPORTING]
    sides = LinkDraft(who=Named(who.pk, who.name), whom=Named(host.pk, host.called), since=since)
    link = actions.begin_link(
        home, sides, kind=REPORTING, wording=held.wording.since, rule=rule_of(held), by=by,
        at=noon(since),
    )  # fmt: skip
    day = today - timedelta(days=10)
    actions.log_contact(
        link, held_on=day, channel="health", needs="两户老人想有人量血压", by=by, at=noon(day)
    )


def _rota(branch: Organization, who: People, today: date) -> None:
    held = queries.in_force(branch, today, "rota")[DUTY]
    monday = today - timedelta(days=today.weekday())
    first = (who.owner.pk, who.secretary.person_id)  # who may be signed in as
    known = [pk for pk, _ in people_to_choose(branch, today)]
    roll = sorted(known, key=lambda pk: pk not in first)[:ON_DUTY]
    asked = RotaDraft(title="", since=monday - WEEK, until=monday + 3 * WEEK, roll=roll)
    rota = rotas.draw_up(
        branch, asked, kind=DUTY, wording=held.wording.since, rule=rule_of(held), by=who.secretary,
        at=noon(monday - WEEK),
    )  # fmt: skip
    mine = rota.turns.filter(person=who.owner, on__gt=today + WEEK).order_by("on").first()
    if mine is not None:
        rotas.offer_turn(mine, by=who.secretary, at=noon(today - timedelta(days=1)))
