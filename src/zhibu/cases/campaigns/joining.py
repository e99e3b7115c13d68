"""What campaigns tell the areas around them: the menu, searches, hand-overs, files of persons."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from zhibu.cases.campaigns.models import Campaign, Entry, Unit
from zhibu.cases.campaigns.rules import LEAD
from zhibu.core import filters, standing
from zhibu.core.dossier import section
from zhibu.core.handing import Item, Post, provides
from zhibu.core.merging import Gone, points_to_person
from zhibu.core.navigation import Entry as Place
from zhibu.core.navigation import Way, also, register
from zhibu.core.panels import Panel
from zhibu.core.panels import register as register_panel
from zhibu.core.searching import Hit, Section
from zhibu.core.searching import register as register_section
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "campaigns.view")


def _leads(user: "User") -> bool:
    return standing.may_anywhere(user, LEAD)


def _found(user: "User", text: str, on: date) -> Any:
    rows = Campaign.objects.visible_to(user).filter(title__icontains=text)
    return rows.select_related("organization").order_by("-launched_at", "-pk")


def _hit(campaign: Campaign) -> Hit:
    line = f"{campaign.get_state_display()} · {campaign.organization.called}发起"
    return Hit(campaign.title, campaign.get_absolute_url(), line)


@section(
    "集中活动里确认的项目",
    order=66,
    columns=("活动", "项目", "哪天", "是不是补的", "收回了没有"),
    covers=(Entry,),
)
def entries(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = Entry.objects.filter(person=person_id).select_related("campaign")
    for entry in rows.order_by("happened_on", "pk"):
        item = entry.campaign.rule.item(entry.item)
        title = item.title if item else entry.item
        yield (entry.campaign.title, title, entry.happened_on,
               "是" if entry.is_make_up else "", "收回了" if entry.voided_at else "")  # fmt: skip


def _merge(kept: int, gone: int) -> Gone:
    """Where both have an entry that counts, the later one of the record that goes is taken
    back; the rest is renamed."""
    known = set(Entry.objects.counting().filter(person=kept).values_list("unit", "item"))
    for entry in Entry.objects.filter(person=gone):
        if entry.voided_at is None and (entry.unit_id, entry.item) in known:
            entry.voided_at, entry.void_reason = entry.at, "两份资料合并，另一份已经有了"
        entry.person_id = kept
        entry.save(update_fields=["person", "voided_at", "void_reason"])
    return []


@provides("campaigns", title="正在参加的集中活动", order=13)
def taking_part(post: Post, on: date) -> Iterator[Item]:
    """Open campaigns of the organisation: for the next holder to know of. One query."""
    rows = Unit.objects.taking_part().filter(
        organization=post.organization_id, campaign__state=Campaign.State.OPEN
    )
    for unit in rows.select_related("campaign").order_by("pk"):
        yield Item("campaigns", unit.pk, unit.campaign.title, "", None, unit.get_absolute_url())


def _of_organization(
    request: HttpRequest, organization: Organization, on: date
) -> dict[str, Any] | None:
    """The way to its open campaigns; away where there is none. One query."""
    user: Any = request.user
    if not standing.may(user, "campaigns.view", organization.path):
        return None
    rows = Unit.objects.taking_part().filter(
        organization=organization, campaign__state=Campaign.State.OPEN
    )
    units = list(rows.select_related("campaign").order_by("pk")[:6])
    may_launch = organization.dissolved_on is None and standing.may(user, LEAD, organization.path)
    if not units and not may_launch:
        return None
    return {"organization": organization, "units": units, "may_launch": may_launch}


def join() -> None:
    points_to_person(Entry, "person_id", record=(Entry, "pk"), move=_merge)
    filters.register(filters.Kept("campaigns:list", "集中活动", ("q", "state")))
    register(Place("集中活动", "campaigns:list", "table", order=9, section=1, shown=_shown))
    register_section(Section("集中活动", "table", 46, _shown, _found, _hit, "campaigns:list"))
    also(Way("发起集中活动", "campaigns:launch_here", _leads, "专项 教育活动 推进表"))
    register_panel(Panel("organization", "context", 61, "campaigns/panel.html", _of_organization))
