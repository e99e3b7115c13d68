"""Common problems: many cases gathered into one that is worked on for all of them.

Which procedures gather which others, and which field is the answer, the pack says
(``gathers``, ``answer``). The answer is kept once, with the common case; those gathered show it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from zhibu.cases import actions
from zhibu.cases.models import Case, Link
from zhibu.core import fields, paths, standing
from zhibu.core.verdicts import YES, Verdict, no, require
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_put_under(user: "User", source: Case, reference: str, rule: Procedure) -> Verdict:
    """Gather ``source`` into a case of ``reference``: whoever may act where it is, while it is
    open and lies under no other of the same kind. One query."""
    if not source.is_open:
        return no(f"不能归：这件事{source.get_state_display()}了。")
    if source.is_confidential or source.procedure not in rule.gathers:
        return no(f"不能归：这种事不归到“{rule.title}”。")
    if not standing.may(user, "cases.act", source.organization.path):
        return no(f"不能归：由{source.organization.called}或上级来归。")
    under = Case.objects.open().filter(
        procedure=reference, linked__case=source, linked__kind=Link.Kind.CLUSTERED
    )
    if found := under.first():
        return no(f"不用归：已经归到“{found.title}”一起办。")
    return YES


@transaction.atomic
def put_under(source: Case, common: Case, *, by: "User", at: datetime) -> Link:
    """Gather one case into another that is open.

    Raises:
        Refused: ``may_put_under`` refuses, or the common one has ended.
    """
    locked = Case.objects.select_for_update(of=("self",)).select_related("organization")
    source = locked.get(pk=source.pk)
    require(may_put_under(by, source, common.procedure, common.rule))
    if not common.is_open:
        require(no(f"不能归：“{common.title}”{common.get_state_display()}了。"))
    return actions.link(source, common, kind=Link.Kind.CLUSTERED, by=by, at=at)


def gathering() -> dict[str, Procedure]:
    """``pack:procedure`` → its latest wording, of those that gather others."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            item = wordings[-1].item
            assert isinstance(item, Procedure)
            if item.gathers:
                found[f"{pack.id}:{wordings[0].id}"] = item
    return found


def may_be_gathered(
    user: "User", organization: Organization, reference: str, rule: Procedure
) -> QuerySet[Case]:
    """Open cases below ``organization`` that lie under no common case of this kind yet: by the
    kind of thing that was found, then by place. One query."""
    under = Link.objects.filter(
        kind=Link.Kind.CLUSTERED, other__procedure=reference, other__state=Case.State.OPEN
    )
    return (
        Case.objects.visible_to(user)
        .open()
        .filter(paths.under(organization.path, "organization__path"), procedure__in=rule.gathers)
        .filter(is_confidential=False)
        .exclude(pk__in=under.values("case"))
        .select_related("organization", "owner")
        .order_by("title", "organization__path", "pk")
    )


def listed(user: "User", today: date) -> QuerySet[Case]:
    """Common cases within reach, each with how many lie under it, how many of those are open
    and how many past their day; open ones first. One query."""
    under = Q(linked__kind=Link.Kind.CLUSTERED)
    still = under & Q(linked__case__state=Case.State.OPEN)
    return (
        Case.objects.visible_to(user)
        .filter(procedure__in=gathering())
        .select_related("organization", "owner")
        .annotate(
            under=Count("linked", filter=under),
            still=Count("linked", filter=still),
            late=Count("linked", filter=still & Q(linked__case__due_on__lt=today)),
        )
        .order_by(F("ended_on").desc(nulls_first=True), "due_on", "pk")
    )


@dataclass(frozen=True, slots=True)
class Common:
    """The case that another was gathered into, and the answer once there is one."""

    common: Case
    answer: str


def gathered_into(case: Case) -> list[Common]:
    """What ``case`` was gathered into, oldest first. One query."""
    rows = case.links.filter(kind=Link.Kind.CLUSTERED).select_related("other__organization")
    return _into(rows.order_by("pk"))


def _into(links: Iterable[Link]) -> list[Common]:
    """Seen by everybody who sees what was gathered: that is what the answer is for."""
    found = [one.other for one in links if not one.other.is_confidential]
    return [Common(common, _answer(common)) for common in found]


def _answer(common: Case) -> str:
    """What the field says that the pack names; "" until the case has ended."""
    if common.is_open:
        return ""
    rule = common.rule
    spec = rule.specs().get(rule.answer or "")
    if spec is None or spec.id not in common.facts:
        return ""
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(common.facts[spec.id]))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What lies under a common case: the cases the reader may see, and how many there are."""

    cases: list[Case]
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.cases)


def gathered(common: Case, user: "User") -> Gathered:
    """Open ones first, by place. Two queries."""
    under = Case.objects.filter(links__other=common, links__kind=Link.Kind.CLUSTERED)
    seen = Case.objects.visible_to(user).filter(pk__in=under.values("pk"))
    rows = seen.select_related("organization").order_by(
        F("ended_on").asc(nulls_first=True), "organization__path", "pk"
    )
    return Gathered(list(rows), under.count())


def beside(user: "User", case: Case, rule: Procedure, links: Sequence[Link]) -> dict[str, object]:
    """What the page of a case says of both; ``links`` are the case's. One query where it was
    gathered, two where it gathers."""
    mine = [one for one in links if one.case_id == case.pk and one.kind == Link.Kind.CLUSTERED]
    open_to: set[int] = set()
    if mine:
        seen = Case.objects.visible_to(user).filter(pk__in=[one.other_id for one in mine])
        open_to = set(seen.values_list("pk", flat=True))
    return {
        "into": [(one, one.common.pk in open_to) for one in _into(mine)],
        "gathered": gathered(case, user) if rule.gathers else None,
        "may_gather": bool(rule.gathers)
        and case.is_open
        and standing.may(user, "cases.act", case.organization.path),
    }
