"""Doors open in the small county, and asking at them as a resident does: by the page."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.test import Client
from django.utils import timezone

from tests import factories
from tests.conftest import NOON
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions.queries import HeldItem
from zhibu.cases.steps import Step
from zhibu.organizations.models import Organization
from zhibu.portal import actions, asking, queries
from zhibu.portal.models import Ticket

REQUEST, MATTER = "seeds/requests:request", "national/petitions:matter"
REPORT, FIRM = "national/petitions:report", "seeds/requests:firm-problem"
SAID = {"sort": "lights-roads", "what": "五组到小学那段路，路灯坏了三盏", "where": "五组桥头"}


def open_doors(tree: factories.Tree) -> None:
    """Both packs are adopted by the county."""
    for pack in ("seeds/requests", "national/petitions"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )


def discipline(tree: factories.Tree) -> tuple[Organization, User]:
    """The body that keeps reports, and whoever heads it; at home in no unit here."""
    body = factories.organization(
        tree.county, by=tree.system, name="某县纪检组织", kind="discipline"
    )
    return body, factories.holder(tree.far, body, "branch-secretary", by=tree.system, name="严正清")


def held(place: Organization, reference: str = REQUEST) -> HeldItem:
    return queries.doors(place, timezone.localdate())[reference]


def ask(
    place: Organization, reference: str = REQUEST, *, by: User | None = None,
    channel: str = "online", name: str = "", phone: str = "", values: Mapping[str, Any] = SAID,
    at: Any = None,
) -> tuple[Ticket, str]:  # fmt: skip
    """Through the action."""
    return actions.ask(
        place, held=held(place, reference), values=values, name=name, phone=phone, by=by,
        channel=channel, seal=asking.new().once, at=at or timezone.now(),
    )  # fmt: skip


def door(place: Organization, reference: str = REQUEST) -> str:
    pack, _, name = reference.partition(":")
    return f"/open/{place.pk}/ask/{pack}/{name}/"


def sum_on(page: Any) -> dict[str, str]:
    """The question of a page and its answer, as a resident reads them."""
    text = page.content.decode()
    one, two = re.search(r"(\d) 加 (\d) 等于几", text).groups()  # type: ignore[union-attr]
    seal = re.search(r'name="seal" value="([^"]+)"', text)
    assert seal is not None
    return {"seal": seal[1], "total": str(int(one) + int(two))}


def submit(client: Client, place: Organization, reference: str = REQUEST, **typed: Any) -> Any:
    """Open the page, do the sum, send it."""
    page = client.get(door(place, reference))
    return client.post(door(place, reference), {**SAID, **sum_on(page), **typed})


def step(outcome: str, **values: Any) -> Step:
    return Step(outcome=outcome, happened_on=timezone.localdate(), values=values)
