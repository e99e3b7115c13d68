"""An activity as other pages and papers tell it: what it ticked, what came out, the minutes."""

from datetime import datetime

from zhibu.activities.actions import SOURCE
from zhibu.activities.models import Activity, Decision, Participation
from zhibu.assignments.models import Assignment
from zhibu.core import fields
from zhibu.documents import minutes as paper
from zhibu.duties import queries as duties
from zhibu.duties.models import Obligation
from zhibu.ledger import printed
from zhibu.packs import library
from zhibu.packs.schema.activities import ActivityKind


def ticked(activity: Activity) -> list[duties.Owed]:
    """Obligations the activity counts towards, in words. Four queries."""
    rows = Obligation.objects.filter(
        organization=activity.organization_id, period_until__gt=activity.held_on.replace(day=1)
    )
    found = [r for r in rows.order_by("due_on", "duty") if activity.pk in r.activities]
    return duties.worded(found, activity.held_on)


def outcomes(activity: Activity) -> list[tuple[str, str]]:
    """Typed results as ``(title, text)``, in the pack's words. Two queries."""
    known = library.packs()
    found = []
    for row in activity.outcomes.order_by("pk"):
        pack_id, _, item_id = row.reference.partition(":")
        pack = known.get(pack_id)
        wording = pack.wording_on("activities", item_id, activity.held_on) if pack else None
        if wording is None or not isinstance(wording.item, ActivityKind):
            continue
        for spec in wording.item.outcomes:
            if spec.id == row.field:
                kind = fields.get(spec.type)
                found.append((spec.title, kind.show(spec, kind.load(row.value))))
    return found


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def printed_as(pk: int) -> printed.Paper | None:
    """What a printed activity is, for its proof page. Two queries."""
    activity = Activity.objects.select_related("organization").filter(pk=pk).first()
    if activity is None:
        return None
    kinds = "、".join(activity.kinds.order_by("pk").values_list("title", flat=True))
    title = f"{kinds}的记录" if kinds else "活动的记录"
    return printed.Paper(title, activity.organization.called, activity.held_on)


def data_of(
    activity: Activity, *, at: datetime, code: printed.Code | None = None
) -> paper.MinutesData:
    """Everything the minutes say of an activity that has taken place. Seven queries."""
    people = list(activity.participations.select_related("person").order_by("pk"))
    organization = activity.organization.name
    if activity.group:
        organization += activity.group.name
    revision = activity.revisions.order_by("-number").first()
    lines = [line.strip() for line in activity.agenda.splitlines() if line.strip()]
    return paper.MinutesData(
        organization=organization,
        kinds=[kind.title for kind in activity.kinds_in_order()],
        began_at=activity.starts_at,
        made_at=at,
        place=activity.place,
        theme=activity.theme,
        chair=activity.chair.name if activity.chair else "",
        recorder=activity.recorder.name if activity.recorder else "",
        is_time_known=activity.is_time_known,
        due=sum(p.is_due for p in people) or activity.stated_due,
        came=activity.stated_present,
        present=[_name(p) for p in people if p.status == "present"],
        absent=[
            paper.Absent(_name(p), p.get_reason_display()) for p in people if p.status == "absent"
        ],
        observers=[_name(p) for p in people if p.status == "observer"],
        agenda=[paper.Item(line) for line in lines],
        decisions=[_decision(d) for d in activity.decisions.order_by("number")],
        follow_ups=[
            paper.FollowUp(task.title, task.owner.name if task.owner else "", task.due_on)
            for task in Assignment.objects.filter(source_type=SOURCE, source_id=activity.pk)
            .select_related("owner")
            .order_by("due_on")
        ],
        correction=revision.reason if revision else "",
        proof=code,
    )


def _name(row: Participation) -> str:
    return row.person.name if row.person else row.guest_name


def _decision(row: Decision) -> paper.Decision:
    if not row.is_vote:
        return paper.Decision(text=row.text)
    votes = paper.Votes(
        entitled=row.entitled or 0,
        present=row.present or 0,
        yes=row.yes or 0,
        no=row.no or 0,
        abstain=row.abstain or 0,
    )
    verdict = "通过" if row.passed else "未通过"
    return paper.Decision(text=row.text, verdict=verdict, votes=votes, basis=row.basis)
