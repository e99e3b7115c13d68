from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from zhibu.cases.campaigns import judging, queries, tallies
from zhibu.cases.campaigns.models import Campaign, Entry, Span, Staff, Unit, day_words
from zhibu.cases.campaigns.queries import Run
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import CampaignItem

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LEAD, ENTER = "campaigns.lead", "campaigns.enter"


def may_launch(user: "User", organization: Organization) -> Verdict:
    if organization.dissolved_on:
        return no(f"不能发起：{organization.called}已经撤销。")
    if standing.may(user, LEAD, organization.path):
        return YES
    return no(f"不能发起：集中活动由{organization.called}或上级党委的人发起。")


def may_lead(user: "User", campaign: Campaign) -> Verdict:
    """Change units and phases of an open campaign."""
    if not campaign.is_open:
        return no(f"不能改：这次活动{campaign.get_state_display()}。")
    if standing.may(user, LEAD, campaign.organization.path):
        return YES
    return no(f"不能改：由发起的{campaign.organization.called}来改。")


def may_open(user: "User", run: Run, span: Span, unit: Unit | None, on: date) -> Verdict:
    """Open a gated phase: whoever the pack names, not before its day, once enough is done."""
    phase, campaign = run.phase(span.phase), run.campaign
    gate = phase.gate
    if gate is None:
        return no(f"不用开：“{phase.title}”到 {day_words(span.since)}自己开始。")
    if not campaign.is_open:
        return no(f"不能开：这次活动{campaign.get_state_display()}。")
    key = (span.pk, unit.pk if unit else None)
    if key in run.openings:
        return no(f"不用开：“{phase.title}”{day_words(run.openings[key].opened_on)}已经开了。")
    if (gate.opener == "unit") != (unit is not None):
        who = "每个单位自己" if gate.opener == "unit" else campaign.organization.called
        return no(f"不能开：“{phase.title}”由{who}开。")
    if unit is not None and unit.removed_on:
        return no("不能开：这个单位已经不在活动里。")
    place = unit.organization if unit else campaign.organization
    if not standing.may(user, ENTER if unit else LEAD, place.path):
        return no(f"不能开：“{phase.title}”由{place.called}开。")
    if on < span.since:
        return no(f"不能开：“{phase.title}”从 {span.since} 开始，到时候再开。")
    return gate_verdict(run, span, unit, on)


def gate_verdict(run: Run, span: Span, unit: Unit | None, on: date) -> Verdict:
    """Whether enough is done for a phase to be opened; who lacks what otherwise."""
    phase = run.phase(span.phase)
    gate = phase.gate
    assert gate is not None
    rows = queries.taking_part(run.campaign)
    units = rows.filter(pk=unit.pk) if unit else rows.filter(batch=span.batch_id)
    asked = run.rule.asked_before(phase)
    found = tallies.gap(run, asked, units, on)
    if judging.enough(found.met, found.asked, gate.share):
        return YES
    titles = "、".join(f"“{item.title}”" for item in asked)
    basis = run.cited(gate.cites)
    if unit is not None:
        return no(f"不能开“{phase.title}”：先办好{titles}。依据 {basis}。", basis=basis)
    names = "、".join(found.examples)
    wanted = f"要有 {gate.share} 的单位办好" if gate.share else "要全部单位办好"
    return no(
        f"不能开“{phase.title}”：{titles}{wanted}，现在 {found.asked} 个单位里办好 {found.met} 个，"
        f"没办好的有{names}{'等' if found.asked - found.met > len(found.examples) else ''}。"
        f"依据 {basis}。",
        basis=basis,
    )


def may_enter(user: "User", run: Run, unit: Unit, item: CampaignItem, on: date) -> Verdict:
    """Write that an item was done, where no other record says so."""
    return may_enter_all(user, run, [unit], item, on)


def may_enter_all(
    user: "User", run: Run, units: Sequence[Unit], item: CampaignItem, on: date
) -> Verdict:
    """``may_enter`` for every one of ``units``: the first refusal, if there is one."""
    campaign = run.campaign
    if not campaign.is_open:
        return no(f"不能填：这次活动{campaign.get_state_display()}。")
    within = standing.where(user, ENTER, {unit.organization.path for unit in units})
    for unit in units:
        if unit.removed_on:
            return no("不能填：这个单位已经不在活动里。")
        if unit.organization.path not in within:
            return no(f"不能填：由{unit.organization.called}的书记、委员或上级党委填。")
        if not (verdict := is_entered(run, unit, item, on)):
            return verdict
    return YES


def is_entered(run: Run, unit: Unit, item: CampaignItem, on: date) -> Verdict:
    """Whether an item may be entered by hand at a unit now, whoever asks."""
    window = run.windows(unit).get(item.phase)
    phase = run.phase(item.phase)
    if window is None:
        gate = phase.gate
        assert gate is not None
        who = "本单位" if gate.opener == "unit" else run.campaign.organization.called
        basis = run.cited(gate.cites)
        return no(f"不能填：“{phase.title}”还没有开，由{who}开。依据 {basis}。", basis=basis)
    if on < window.since:
        return no(f"不能填：“{phase.title}”从 {window.since} 开始。")
    if item.entered is not None:
        return YES
    make_up = run.rule.make_up(item.id)
    way = "活动" if item.activities else "事项"
    if make_up is None or make_up.activities:
        return no(f"不用填：“{item.title}”从{way}的记录里自己出来，去记{way}就行。")
    if on <= window.last_on:
        return no(
            f"不用填：“{item.title}”从{way}的记录里自己出来；"
            f"{day_words(window.last_on)}过了还没办的才补。"
        )
    until = judging.made_up_until(window, make_up)
    if until is not None and on > until:
        basis = run.cited(make_up.cites)
        return no(f"不能补：补到 {until} 为止。依据 {basis}。", basis=basis)
    return YES


def may_void(user: "User", entry: Entry) -> Verdict:
    """Take back what was entered wrongly."""
    if entry.voided_at:
        return no("不用收回：已经收回了。")
    if not entry.campaign.is_open:
        return no(f"不能收回：这次活动{entry.campaign.get_state_display()}。")
    if standing.may(user, ENTER, entry.unit.organization.path):
        return YES
    return no(f"不能收回：由{entry.unit.organization.called}或上级党委收回。")


def may_end(user: "User", run: Run, on: date) -> Verdict:
    """After its last day only, look-back and all."""
    if not (verdict := may_lead(user, run.campaign)):
        return verdict
    if on > run.last_on:
        return YES
    return no(f"不能结束：最后一个阶段到 {run.last_on}，过了才能结束。不办了就“取消”，写明原因。")


def may_stand_down(user: "User", run: Run, staff: Staff, on: date) -> Verdict:
    """A body ends no earlier than the ordinary phases of the last batch, or than its look-back
    where the pack keeps it that long."""
    campaign = run.campaign
    if not standing.may(user, LEAD, campaign.organization.path):
        return no(f"不能撤：由发起的{campaign.organization.called}定。")
    if staff.until:
        return no(f"不用撤：{staff.title}{day_words(staff.until)}已经撤了。")
    body = next((one for one in run.rule.bodies if one.id == staff.body), None)
    last = run.last_on if body and body.through_look_back else run.main_last_on
    if campaign.state == Campaign.State.CANCELLED or on > last:
        return YES
    return no(
        f"不能撤：活动到 {last} 才结束，{staff.title}不早于那天撤。依据 {run.cited()}。",
        basis=run.cited(),
    )
