"""Rows of the demo's registers: venues, correspondents, meetings that were approved, and one that
somebody asks for; through the real actions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases import actions as cases
from zhibu.cli.demo_cases import People, noon
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.registers import actions
from zhibu.registers.drafts import Draft
from zhibu.registers.models import Row

BOOKS, GATE = "seeds/county-registers", "seeds/meeting-gate"
STATES = ("usable", "built", "repaired", "building")
DUTY = "每月 25 日前报一条支部动态给镇组织办"
MEETINGS = ("秋收禁烧部署会", "医保缴费推进会", "防火检查碰头会")


def fill(hands: list[tuple[Organization, People]], *, today: date) -> None:
    """Each branch but every fifth has a venue, every second a correspondent, every third held an
    approved meeting; the first asks for another in the week of one."""
    for number, (branch, who) in enumerate(hands):
        if number % 5 != 4:
            _venue(branch, who.officer, number, today)
        if number % 2 == 0:
            since, named = today - timedelta(days=150), Named(who.owner.pk, who.owner.name)
            open_row(f"{BOOKS}:correspondents", branch, who.secretary, since,
                     who=named, post="组织委员", duty=DUTY)  # fmt: skip
        if number % 3 == 1:
            open_row(f"{GATE}:meetings", branch, who.officer, today + timedelta(days=7),
                     name=MEETINGS[number // 3 % 3], audience="villages", how="video")  # fmt: skip
    if hands:
        _ask(*hands[0], today=today)


def _venue(branch: Organization, officer: User, number: int, today: date) -> None:
    state = STATES[number % len(STATES)]
    open_row(
        f"{BOOKS}:venues", branch, officer, today - timedelta(days=200), state=state,
        name=f"{branch.name.removesuffix('党支部')}党群服务中心", area=Decimal(120 + 20 * number),
        funds=Decimal(100000),
    )  # fmt: skip


def open_row(
    register: str, place: Organization, by: User, since: date, **values: Any
) -> Row:  # fmt: skip
    """A row of ``pack:register`` of ``place``, from ``since`` on."""
    pack, _, name = register.partition(":")
    wording = library.packs()[pack].wording_on("registers", name, since)
    assert wording is not None
    return actions.open_row(
        place, Draft(since=since, values=values), register=register, wording=wording.since, by=by,
        at=noon(min(since, timezone.localdate())),
    )  # fmt: skip


def _ask(branch: Organization, who: People, *, today: date) -> None:
    """A meeting of village cadres, in the week in which another is held already."""
    (wording,) = library.packs()[GATE].items["procedures", "meeting"]
    begun = today - timedelta(days=1)
    values = {
        "name": "村干部业务会", "agenda": "讲清医保缴费怎么办", "people": 30, "how": "gathered",
        "held_on": today + timedelta(days=7), "audience": "villages",
    }  # fmt: skip
    cases.start(
        branch, procedure=f"{GATE}:meeting", wording=wording.since, title="村干部业务会",
        values=values, on=begun, by=who.secretary, at=noon(begun),
    )  # fmt: skip
