"""Admissions of the seeded county, each brought as far as a page is looked at for."""

from datetime import date, datetime
from typing import Any

from zhibu.accounts.models import User
from zhibu.cases import actions
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

ADMIT = "national/admission:admit"
OLDER, NEWER = date(2014, 5, 28), date(2026, 5, 11)
BEGAN = date(2024, 11, 4)
Way = tuple[str, str, date, dict[str, Any]]


def begun(home: Organization, person: Person, *, by: User, at: datetime) -> Case:
    return actions.start(
        home, procedure=ADMIT, wording=OLDER, title=f"{person.name}入党", values={},
        person=person, on=BEGAN, by=by, at=at,
    )  # fmt: skip


def ways(one: Person, two: Person) -> list[Way]:
    """Stage, outcome, day, values: from the application to the vote of the meeting."""
    first, second = Named(one.pk, one.name), Named(two.pk, two.name)
    return [
        ("apply", "receive", BEGAN, {}),
        ("talk", "talked", date(2024, 11, 20), {"talker": first}),
        ("activist", "decide", date(2025, 5, 20), {"recommended": ["members"]}),
        ("file-activist", "file", date(2025, 5, 28), {}),
        ("contacts", "name", date(2025, 5, 30), {"contact_one": first, "contact_two": second}),
        ("educate", "continue", date(2025, 11, 28), {"review": "带头清理河道，学习跟得上。"}),
        ("educate", "ready", date(2026, 5, 22), {"review": "防汛值班二十天，群众反映好。"}),
        ("object", "propose", date(2026, 6, 2),
         {"heard": ["group", "contact", "members", "masses"], "is_migrant": False}),
        ("consent", "agree", date(2026, 6, 15), {}),
        ("notice", "list", date(2026, 6, 24), {}),
        ("introducers", "name", date(2026, 6, 26),
         {"introducer_one": first, "introducer_two": second, "introducers_clear": True}),
        ("review", "pass", date(2026, 9, 1), {"review_conclusion": "qualified"}),
        ("training", "pass", date(2026, 9, 18), {"training_mode": "offline", "training_days": 3}),
        ("committee", "report", date(2026, 10, 20), {}),
        ("pre-review", "pass", date(2026, 11, 6), {"leaving_soon": False}),
        ("form", "filled", date(2026, 11, 12), {}),
    ]  # fmt: skip


def brought(case: Case, until: str, steps: list[Way], *, by: User, above: User, at: Any) -> Case:
    """Done up to the stage ``until``, which is open; above it is taken over to the newer wording
    where that is asked for."""
    for stage, outcome, day, values in steps:
        if stage == until:
            break
        if stage == "consent":
            case = actions.reword(case, by=above, at=at(date(2026, 6, 3)))
        if stage == "notice":
            hang(case, date(2026, 6, 15), date(2026, 6, 23), by=by, at=at(day))
        turn = case.turns.open().get(stage=stage)
        step = Step(outcome=outcome, happened_on=day, values=values)
        hand = above if stage in ("file-activist", "consent", "pre-review") else by
        case = actions.act(turn, step, by=hand, at=at(day))
    return Case.objects.get(pk=case.pk)


def hang(case: Case, since: date, until: date, *, by: User, at: datetime) -> Any:
    return actions.post(
        case.turns.open().get(stage="notice"), channel="张贴", place="村部公示栏",
        posted_on=since, until=until, by=by, at=at,
    )  # fmt: skip
