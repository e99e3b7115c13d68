from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.utils import timezone

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Kind, Organization
from zhibu.packs.schema.registers import Register
from zhibu.people.models import Holding
from zhibu.registers.models import Row
from zhibu.registers.queries import sees_closed

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_hold(organization: Organization, rule: Register) -> Verdict:
    """Whether there may be such rows there at all, whoever asks."""
    if organization.dissolved_on:
        return no(f"不能登记：{organization.called}已经撤销。")
    if organization.kind not in rule.held_by:
        kinds = "、".join(Kind(kind).label for kind in rule.held_by)
        return no(f"不能登记：“{rule.title}”由{kinds}登记，{organization.called}不是。")
    return YES


def may_open(user: "User", organization: Organization, rule: Register) -> Verdict:
    return may_hold(organization, rule) and may_write(user, organization, rule)


def may_write(user: "User", organization: Organization, rule: Register) -> Verdict:
    """Write rows of ``organization``: its people, or only the level above, as the pack says; only
    holders of its posts where it names some. A query where it does."""
    place = written_at(organization, rule)
    if not standing.may(user, "registers.write", place.path):
        return no(f"不能登记：“{rule.title}”由{place.called}的书记或上级党委登记。")
    if not rule.writer.posts or place.pk in _in_post(user, [place.pk], rule):
        return YES
    return no(f"不能登记：“{rule.title}”由{place.called}指定的职务登记，您不任这个职务。")


def written_at(organization: Organization, rule: Register) -> Organization:
    """Whose people write: the organisation's own, or those of the level above."""
    above = organization.parent if rule.writer.who == "above" else None
    return above or organization


def _in_post(user: "User", places: Collection[int], rule: Register) -> set[int]:
    """Where ``user`` holds one of the posts that write. One query."""
    held = Holding.objects.in_post_on(timezone.localdate()).filter(
        person=user.person_id or 0, post__organization__in=places,
        post__kind__in=rule.writer.posts,
    )  # fmt: skip
    return set(held.values_list("post__organization", flat=True))


def open_at(user: "User", units: Iterable[Organization], rule: Register) -> set[int]:
    """Ids of those of ``units`` at which ``may_open`` says yes. One query at most, whatever their
    number, where their parents are loaded."""
    places = {unit.pk: written_at(unit, rule) for unit in units if may_hold(unit, rule)}
    found = {pk for pk, at in places.items() if standing.may(user, "registers.write", at.path)}
    if not rule.writer.posts or not found:
        return found
    held = _in_post(user, {places[pk].pk for pk in found}, rule)
    return {pk for pk in found if places[pk].pk in held}


def may_correct(user: "User", row: Row) -> Verdict:
    """Anything that still counts; an ended row too, for its slips. Whoever mends a row writes all
    of its columns, so that closed ones have to be seen."""
    if row.is_voided:
        return no("不能更正：这一行作废了。要登记请另写一行。")
    if row.rule.closed_columns and not sees_closed(user, row):
        return no("不能更正：有不公开的栏您看不到，请能看到的人更正。")
    return may_write(user, row.organization, row.rule)


def may_close(user: "User", row: Row) -> Verdict:
    if row.state != Row.State.OPEN:
        return no(f"不用结束：这一行已经{row.get_state_display()}了。")
    return may_write(user, row.organization, row.rule)


def may_void(user: "User", row: Row) -> Verdict:
    if row.is_voided:
        return no("不用作废：这一行已经作废了。")
    return may_write(user, row.organization, row.rule)
