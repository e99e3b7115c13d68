from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.cases.campaigns import counting, judging, queries, rules
from zhibu.cases.campaigns.models import (
    Batch,
    Campaign,
    Entry,
    Opening,
    Span,
    Staff,
    Unit,
    day_words,
)
from zhibu.cases.campaigns.queries import Run
from zhibu.cases.steps import DAY, REASON, Faulty, store
from zhibu.core.fulfilling import Ids
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import CampaignItem
from zhibu.people.models import Holding

PEOPLE, UNITS = "people", "units"


class Kind(StrEnum):
    LAUNCHED = "cases:campaign:launched"
    ADDED = "cases:campaign:unit-added"
    REMOVED = "cases:campaign:unit-removed"
    OPENED = "cases:campaign:opened"
    ENTERED = "cases:campaign:entered"
    VOIDED = "cases:campaign:voided"
    STOOD_DOWN = "cases:campaign:stood-down"
    ENDED = "cases:campaign:ended"
    CANCELLED = "cases:campaign:cancelled"
    FOLLOWED = "cases:campaign:followed"


WORDS = {
    Kind.LAUNCHED: "发起了集中活动",
    Kind.ADDED: "往集中活动里加了单位",
    Kind.REMOVED: "从集中活动里去掉了单位",
    Kind.OPENED: "开了集中活动的一个阶段",
    Kind.ENTERED: "记了集中活动办了的项目",
    Kind.VOIDED: "收回了集中活动里记错的",
    Kind.STOOD_DOWN: "撤了集中活动的工作机构",
    Kind.ENDED: "结束了集中活动",
    Kind.CANCELLED: "取消了集中活动",
    Kind.FOLLOWED: "随组织合并、分设转了集中活动",
}
notice_kinds.register("campaign", "有集中活动要参加")


@transaction.atomic
def launch(
    organization: Organization,
    *,
    reference: str,
    wording: date,
    title: str,
    starts: Mapping[str, date],
    units: Mapping[str, Sequence[int]],
    by: User,
    at: datetime,
) -> Campaign:
    """Begin ``pack:campaign`` for units by batch; every unit's people who may enter are told.

    ``starts`` gives each batch its first day, ``units`` its organisations. One ledger entry
    over all rows; a few queries, whatever the number.

    Raises:
        Refused: ``rules.may_launch`` refuses.
        Faulty: a batch has no day, or its units cannot take part.
    """
    require(rules.may_launch(by, organization))
    campaign = Campaign(
        organization=organization, reference=reference, wording=wording, title=title,
        launched_by=by, launched_at=at,
    )  # fmt: skip
    rule = campaign.rule
    chosen = [pk for batch in rule.batches for pk in units.get(batch.id, [])]
    faults = {
        f"starts_{batch.id}": f"{batch.title}哪天开始？" for batch in rule.batches
        if batch.id not in starts
    }  # fmt: skip
    if fault := _unfit(organization, chosen, rule.applies_to):
        faults[UNITS] = fault
    if faults:
        raise Faulty(faults)
    campaign.save(force_insert=True)
    made = _lay_out(campaign, starts, units, by=by, at=at)
    ledger.record(
        Kind.LAUNCHED, campaign, organization=organization.pk, by=by, at=at, touched=made,
        basis=campaign.pack.citation(rule.cites[0]),
    )  # fmt: skip
    counting.whole(made, at=at, is_new=True)
    _tell(campaign, chosen, what="launched", title=f"要参加：{title}", at=at)
    return campaign


def _lay_out(
    campaign: Campaign,
    starts: Mapping[str, date],
    units: Mapping[str, Sequence[int]],
    *,
    by: User,
    at: datetime,
) -> list[Unit]:
    """Batches with the windows of their phases, units and bodies, as the pack has them; the
    units. Two queries a batch, a few for all units."""
    rule, today = campaign.rule, timezone.localdate(at)
    made: list[Unit] = []
    for number, one in enumerate(rule.batches, 1):
        batch = Batch.objects.create(
            campaign=campaign, batch=one.id, number=number, title=one.title,
            starts_on=starts[one.id],
        )  # fmt: skip
        Span.objects.bulk_create(
            Span(campaign=campaign, batch=batch, phase=phase, number=place, since=window.since,
                 last_on=window.last_on)
            for place, (phase, window) in enumerate(
                judging.windows(rule, starts[one.id]).items(), 1
            )
        )  # fmt: skip
        made += [
            Unit(campaign=campaign, batch=batch, organization_id=pk, added_on=today, added_by=by,
                 added_at=at)
            for pk in units.get(one.id, [])
        ]  # fmt: skip
    Unit.objects.bulk_create(made, batch_size=500)
    Staff.objects.bulk_create(
        Staff(campaign=campaign, body=body.id, title=body.title, since=today)
        for body in rule.bodies
    )
    return made


def _unfit(organization: Organization, ids: Sequence[int], kinds: Collection[str]) -> str:
    """What keeps ``ids`` from being the units of a campaign; "" where nothing does."""
    if not ids:
        return "还没有单位。选几个单位，或者换一种活动。"
    if len(set(ids)) < len(ids):
        return "同一个单位写了两次，一次活动里一个单位只在一批。"
    rows = Organization.objects.under(organization.path).filter(dissolved_on=None, kind__in=kinds)
    known = set(rows.values_list("pk", flat=True))
    strange = [pk for pk in ids if pk not in known]
    if not strange:
        return ""
    named = Organization.objects.filter(pk__in=strange[:3]).values_list("name", flat=True)
    return f"这些不能参加：{'、'.join(named)}。要是{organization.called}下面这次活动要的那类组织。"


def _acting_roles() -> list[str]:
    """Roles that may enter, as ``roles.toml`` grants it, but for those of the levels above."""
    return [
        name for name, role in roles.catalogue().items()
        if rules.ENTER in role.grants and role.reach == "own"
    ]  # fmt: skip


def _tell(campaign: Campaign, places: Ids, *, what: str, title: str, at: datetime) -> None:
    """Whoever holds a post that enters at ``places``; ``what`` tells it from others of it."""
    people = Holding.objects.in_post_on(timezone.localdate(at)).filter(
        post__organization__in=places, post__role__in=_acting_roles()
    )
    users = User.objects.able_to_sign_in().filter(person_id__in=people.values("person"))
    notify(
        users.values_list("pk", flat=True), key=f"campaign:{campaign.pk}:{what}", title=title,
        body=f"{campaign.organization.called}发起。", url=campaign.get_absolute_url(), at=at,
    )  # fmt: skip


@transaction.atomic
def add_unit(
    campaign: Campaign,
    organization: Organization,
    batch: Batch,
    *,
    reason: str,
    by: User,
    at: datetime,
) -> Unit:
    """Let one more organisation take part, with the reason why it came later."""
    campaign = _locked(campaign)
    require(rules.may_lead(by, campaign))
    faults = {}
    if not reason.strip():
        faults[REASON] = "写明为什么加进来。"
    fault = _unfit(campaign.organization, [organization.pk], campaign.rule.applies_to)
    if campaign.units.taking_part().filter(organization=organization).exists():
        fault = f"{organization.called}已经在活动里。"
    if fault:
        faults["organization"] = fault
    if faults:
        raise Faulty(faults)
    made = Unit.objects.create(
        campaign=campaign, batch=batch, organization=organization, added_reason=reason,
        added_on=timezone.localdate(at), added_by=by, added_at=at,
    )  # fmt: skip
    ledger.record(Kind.ADDED, made, organization=organization.pk, by=by, at=at)
    counting.whole([made], at=at, is_new=True)
    _tell(campaign, [organization.pk], what=f"added:{made.pk}", title=f"要参加：{campaign.title}",
          at=at)  # fmt: skip
    return made


@transaction.atomic
def remove_unit(unit: Unit, *, reason: str, by: User, at: datetime) -> Unit:
    """Take a unit out; what it has entered stays on record."""
    campaign = _locked(unit.campaign)
    unit = _locked_unit(unit)
    require(rules.may_lead(by, campaign))
    if unit.removed_on:
        raise Refused(no("不用去掉：这个单位已经不在活动里。"))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么去掉。"})
    unit.removed_on, unit.removed_reason = timezone.localdate(at), reason
    unit.removed_by, unit.removed_at = by, at
    unit.save(update_fields=["removed_on", "removed_reason", "removed_by", "removed_at"])
    counting.leave([unit])
    ledger.record(Kind.REMOVED, unit, organization=unit.organization_id, by=by, at=at)
    return unit


@transaction.atomic
def open_phase(span: Span, unit: Unit | None = None, *, by: User, at: datetime) -> Opening:
    """Open a gated phase of a batch, or of one unit where it opens itself. One opened late
    keeps its length, and counted phases after it in the batch are put off as long.

    Raises:
        Refused: ``rules.may_open`` refuses, with the units that lack something.
    """
    campaign = _locked(span.campaign)
    run, today = Run(campaign), timezone.localdate(at)
    found = next(one for one in run.spans if one.pk == span.pk)
    require(rules.may_open(by, run, found, unit, today))
    made = Opening.objects.create(
        campaign=None if unit else campaign, span=found, unit=unit, opened_on=today, by=by, at=at
    )
    phase = run.phase(found.phase)
    if unit is None and phase.lasts is not None and today > found.since:
        _put_off(run, found, today)
    place = unit.organization_id if unit else campaign.organization_id
    gate = phase.gate
    assert gate is not None
    ledger.record(
        Kind.OPENED, unit or campaign, organization=place, by=by, at=at,
        basis=run.cited(gate.cites),
    )  # fmt: skip
    touched = campaign.units.taking_part().filter(batch=found.batch_id)
    counting.whole(list(touched.filter(pk=unit.pk) if unit else touched), at=at)
    if unit is None:
        _tell(campaign, touched.values("organization"), what=f"opened:{found.pk}",
              title=f"{campaign.title}：“{phase.title}”开始了", at=at)  # fmt: skip
    return made


def _put_off(run: Run, span: Span, opened_on: date) -> None:
    by = opened_on - span.since
    later = [
        one for one in run.spans
        if one.batch_id == span.batch_id and one.number >= span.number
        and run.phase(one.phase).lasts is not None
    ]  # fmt: skip
    for one in later:
        one.since, one.last_on = one.since + by, one.last_on + by
    Span.objects.bulk_update(later, ["since", "last_on"])


@transaction.atomic
def enter(
    unit: Unit,
    item: CampaignItem,
    *,
    people: Sequence[int] = (),
    happened_on: date,
    values: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> list[Entry]:
    """Write that an item was done: by the unit, or by each of ``people`` of it. After its window
    it is a make-up, or late. One ledger entry over all rows.

    Raises:
        Refused: ``rules.may_enter`` refuses.
        Faulty: a day, a person or a field is wrong.
    """
    return _enter(unit.campaign, [unit], item, people, happened_on, values or {}, by, at)


@transaction.atomic
def enter_many(
    campaign: Campaign,
    units: Sequence[Unit],
    item: CampaignItem,
    *,
    happened_on: date,
    values: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> list[Entry]:
    """``enter`` for an item of many units at once; as many queries as for one."""
    if item.per != "organization":
        raise Faulty({UNITS: "每个人办的项目要一个单位一个单位地填。"})
    return _enter(campaign, units, item, (), happened_on, values or {}, by, at)


def _enter(
    campaign: Campaign, units: Sequence[Unit], item: CampaignItem, people: Sequence[int],
    happened_on: date, values: Mapping[str, Any], by: User, at: datetime,
) -> list[Entry]:  # fmt: skip
    campaign = _locked(campaign)
    run, today = Run(campaign), timezone.localdate(at)
    if not units:
        raise Faulty({UNITS: "还没有选单位。"})
    require(rules.may_enter_all(by, run, units, item, today))
    specs = item.entered.fields if item.entered else []
    content = store(specs, values)
    faults = {
        spec.id: f"“{spec.title}”要填。" for spec in specs
        if spec.required and spec.id not in content
    }  # fmt: skip
    sheet = queries.Sheet(run, units, today, [item])
    faults |= _wrong_day(run, units, item, happened_on, today)
    faults |= _wrong_people(sheet, units, item, people)
    if faults:
        raise Faulty(faults)
    make_up = run.rule.make_up(item.id)
    made = [
        Entry(
            campaign=campaign, unit=unit, item=item.id, person_id=person or None, by=by, at=at,
            happened_on=happened_on, content=content,
            is_make_up=make_up is not None
            and happened_on > run.windows(unit)[item.phase].last_on,
        )
        for unit in units for person in (people if item.per == "person" else [0])
    ]  # fmt: skip
    Entry.objects.bulk_create(made, batch_size=500)
    counting.item(units, item, at=at)
    only = units[0] if len(units) == 1 else None
    ledger.record(
        Kind.ENTERED, only or campaign, by=by, at=at, occurred=happened_on, touched=made,
        organization=only.organization_id if only else campaign.organization_id,
        basis=run.cited(item.cites),
    )  # fmt: skip
    return made


def _wrong_day(
    run: Run, units: Sequence[Unit], item: CampaignItem, day: date, today: date
) -> dict[str, str]:
    if day > today:
        return {DAY: "日期在以后，办了再记。"}
    for unit in units:
        window = run.windows(unit)[item.phase]
        phase = run.phase(item.phase)
        if day < window.since:
            return {DAY: f"“{phase.title}”从 {window.since} 开始，早于那天的不算，请核对日期。"}
        if item.entered is None and day <= window.last_on:
            return {DAY: f"补的日子要在 {day_words(window.last_on)}以后；那天以前的去记活动。"}
        until = judging.made_up_until(window, run.rule.make_up(item.id))
        if item.entered is None and until and day > until:
            return {DAY: f"只能补到 {until}。"}
    return {}


def _wrong_people(
    sheet: queries.Sheet, units: Sequence[Unit], item: CampaignItem, people: Sequence[int]
) -> dict[str, str]:
    """Nobody, somebody who does not belong there, or what is on record already."""
    where = PEOPLE if item.per == "person" else UNITS
    if item.per == "person":
        if not people:
            return {where: "选一下是哪些人。"}
        if set(people) - set(sheet.roll[units[0].pk]):
            return {where: "有人不在这个单位的名单里，请重新选。"}
        if any(sheet.judged(units[0], item, person).is_over for person in people):
            return {where: "有人已经办了，不用再填。请去掉再保存。"}
        return {}
    again = [u.organization.called for u in units if sheet.judged(u, item).is_over]
    return {where: f"{'、'.join(again[:3])}已经办了，不用再填。"} if again else {}


@transaction.atomic
def make_up(
    unit: Unit,
    item: CampaignItem,
    *,
    people: Sequence[int] = (),
    happened_on: date,
    values: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> list[Entry]:
    """``enter`` for what was missed: only where the pack lets it be made up, after its window."""
    run = Run(unit.campaign)
    rule, window = run.rule.make_up(item.id), run.windows(unit).get(item.phase)
    if rule is None:
        raise Refused(no(f"不能补：“{item.title}”没有补的规定。"))
    if window is None or happened_on <= window.last_on:
        raise Faulty({DAY: "还在期限里，不用补，照常办。"})
    return enter(unit, item, people=people, happened_on=happened_on, values=values, by=by, at=at)


@transaction.atomic
def void(entry: Entry, *, reason: str, by: User, at: datetime) -> Entry:
    """Take back what was entered wrongly; it stays on record with the reason."""
    campaign = _locked(entry.campaign)
    rows = Entry.objects.select_for_update(of=("self",)).select_related("unit__organization")
    entry = rows.get(pk=entry.pk)
    entry.campaign = campaign
    require(rules.may_void(by, entry))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么收回。"})
    entry.voided_by, entry.voided_at, entry.void_reason = by, at, reason
    entry.save(update_fields=["voided_by", "voided_at", "void_reason"])
    ledger.record(Kind.VOIDED, entry, organization=entry.unit.organization_id, by=by, at=at)
    item = campaign.rule.item(entry.item)
    if item is not None:
        counting.item([entry.unit], item, at=at)
    return entry


@transaction.atomic
def stand_down(staff: Staff, *, by: User, at: datetime) -> Staff:
    """End a body of the campaign from today on.

    Raises:
        Refused: ``rules.may_stand_down`` refuses: the campaign is not over.
    """
    campaign = _locked(staff.campaign)
    today = timezone.localdate(at)
    staff = Staff.objects.get(pk=staff.pk)
    require(rules.may_stand_down(by, Run(campaign), staff, today))
    staff.until = today
    staff.save(update_fields=["until"])
    ledger.record(Kind.STOOD_DOWN, campaign, organization=campaign.organization_id, by=by, at=at)
    return staff


@transaction.atomic
def end(campaign: Campaign, *, by: User, at: datetime) -> Campaign:
    """Say that a campaign is over; what lacks then stays to be seen."""
    campaign = _locked(campaign)
    today = timezone.localdate(at)
    require(rules.may_end(by, Run(campaign), today))
    return _closed(campaign, Campaign.State.ENDED, Kind.ENDED, "", by, at)


@transaction.atomic
def cancel(campaign: Campaign, *, reason: str, by: User, at: datetime) -> Campaign:
    """Give a campaign up before its end."""
    campaign = _locked(campaign)
    require(rules.may_lead(by, campaign))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么取消。"})
    return _closed(campaign, Campaign.State.CANCELLED, Kind.CANCELLED, reason, by, at)


def _closed(
    campaign: Campaign, state: str, kind: Kind, reason: str, by: User, at: datetime
) -> Campaign:
    campaign.state, campaign.reason = state, reason
    campaign.ended_on = timezone.localdate(at)
    campaign.save(update_fields=["state", "reason", "ended_on"])
    ledger.record(kind, campaign, organization=campaign.organization_id, by=by, at=at)
    return campaign


def _locked(campaign: Campaign) -> Campaign:
    """As it is now; what is done in one campaign is done one after the other."""
    rows = Campaign.objects.select_for_update(of=("self",))
    return rows.select_related("organization").get(pk=campaign.pk)


def _locked_unit(unit: Unit) -> Unit:
    rows = Unit.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.get(pk=unit.pk)
