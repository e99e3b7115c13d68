"""What was asked for at a door: turns that lapse, and words that are erased.

What somebody without an account wrote is kept no longer than the pack says. The case stays with
its days and outcomes, so that figures do not change; its words and those of its turns are gone,
and a new salt makes every digest of them mute.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.adoptions.queries import HeldItem
from zhibu.cases import actions, rules
from zhibu.cases.models import Case, Turn, worded
from zhibu.core import fields, masking
from zhibu.core.dates import Duration
from zhibu.core.encryption import new_salt
from zhibu.core.fields import Named
from zhibu.core.jobs import every
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import Refused, no
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

WORDS = ("text", "long-text", "link", "person", "organization")
ERASED = "（到期已删）"
TITLE = 40


def ask(
    asked: Organization,
    *,
    held: HeldItem,
    values: Mapping[str, Any],
    by: User | None = None,
    at: datetime,
) -> Case:
    """Begin what somebody asked for at the door of ``asked``: without an account where ``by`` is
    None, or as somebody who serves there wrote it down. ``values``: cleaned, by field id.

    Raises:
        Refused: nobody keeps such a thing here, or ``rules`` refuse.
        Faulty: something lacks.
    """
    rule = held.wording.item
    assert isinstance(rule, Procedure) and rule.doorway is not None
    door, place = rule.doorway, rules.proper_place(asked, rule)
    if place is None:
        raise Refused(no("不能在这里提：上级还没有登记收这类反映的组织。请当面或者写信反映。"))
    given = dict(values)
    if by is None:
        given |= _constant(rule)
        if door.unit and not given.get(door.unit):
            given[door.unit] = Named(asked.pk, asked.called)
    said = masking.cover(" ".join(str(given.get(door.names_it) or "").split())).text
    title = masking.cut(said, TITLE) or rule.title
    return actions.start(
        place, procedure=held.reference, wording=held.wording.since,
        title=rule.known_as if rule.is_kept_apart else title, values=given,
        stricter=[{"field": one.field, "value": one.value} for one in held.stricter],
        on=timezone.localdate(at), by=by, at=at,
    )  # fmt: skip


def _constant(rule: Procedure) -> dict[str, Any]:
    """What is filled in for whoever asks online, as a form would clean it."""
    assert rule.doorway is not None
    specs = {spec.id: spec for spec in rule.fields}
    return {
        name: fields.control(specs[name]).clean(
            {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        )
        for name, value in rule.doorway.constants.items()
    }


def kept_until(case: Case, rule: Procedure) -> date | None:
    """The last day on which what the requester wrote is kept; None while the case runs and
    where nothing is asked for at a door."""
    if rule.doorway is None or case.ended_on is None:
        return None
    return Duration.parse(rule.doorway.keeps).after(case.ended_on)


def is_kept(case: Case, rule: Procedure, on: date) -> bool:
    """Whether what the requester wrote is still kept on a day."""
    until = kept_until(case, rule)
    return case.erased_on is None and (until is None or on <= until)


@every("20 0 * * *", name="cases.lapse")
def lapse(at: datetime) -> int:
    """Turns that whoever asked did not use in time; how many ended. One query and a few each."""
    today, found, pacer = timezone.localdate(at), 0, Pacer()
    rows = Turn.objects.open().filter(is_requesters=True, due_on__lt=today)
    for turn in rows.select_related("case").order_by("pk"):
        with pacer.turn():
            found += actions.lapse(turn, at=at)
    return found


@every("40 0 * * *", name="cases.erase")
def erase_due(at: datetime) -> int:
    """Words of requests that are kept no longer; of how many. A few queries each."""
    today, found, pacer = timezone.localdate(at), 0, Pacer()
    for case in _ended_at_a_door():
        if not is_kept(case, case.rule, today):
            with pacer.turn():
                found += erase(case, at=at)
    return found


def _ended_at_a_door() -> Iterator[Case]:
    rows = Case.objects.exclude(state=Case.State.OPEN).filter(erased_on=None)
    known = rows.order_by().values_list("procedure", "wording").distinct()
    doors = {name for name, since in known if _is_here(name) and worded(name, since).doorway}
    yield from rows.filter(procedure__in=doors).order_by("pk").iterator(500)


def _is_here(procedure: str) -> bool:
    return procedure.partition(":")[0] in library.packs()


@transaction.atomic
def erase(case: Case, *, at: datetime) -> bool:
    """Erase what was written in a request, its title among it; whether there was something to
    erase. Choices, days, numbers and outcomes stay, for figures."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    rule = case.rule
    if rule.doorway is None or case.is_open or case.erased_on is not None:
        return False
    words = {spec.id for stage in rule.stages for spec in stage.fields if spec.type in WORDS}
    words |= {spec.id for spec in rule.fields if spec.type in WORDS}
    case.facts, case.began_with = _without(case.facts, words), _without(case.began_with, words)
    case.title, case.reason = ERASED, ERASED if case.reason else ""
    case.person_id, case.erased_on, case.salt = None, timezone.localdate(at), new_salt()
    case.save()
    for turn in case.turns.all():
        turn.content, turn.reason = _without(turn.content, words), ERASED if turn.reason else ""
        turn.save(update_fields=["content", "reason"])
    case.extensions.update(reason=ERASED)
    case.objections.update(said=ERASED, source="", answer=ERASED)
    ledger.record(actions.Kind.ERASED, case, organization=case.organization_id, by=None, at=at)
    return True


def _without(kept: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name not in names}
