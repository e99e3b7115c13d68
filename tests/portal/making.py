"""Publications for the tests of public pages, as ``publish`` leaves them."""

from datetime import date, timedelta

from tests.conftest import NOON, TODAY
from zhibu.accounts.models import User
from zhibu.organizations.models import Organization
from zhibu.publishing import actions
from zhibu.publishing.models import Publication

LINES = ({"label": "预算", "text": "4.6 万元", "masked": False},)


def published(
    organization: Organization,
    title: str,
    *,
    by: User,
    lines: tuple[dict[str, object], ...] = LINES,
    note: str = "",
    hangs: int | None = None,
    on: date = TODAY,
    **more: object,
) -> Publication:
    """``hangs``: days it hangs, the day of publication counted in."""
    row = Publication.objects.create(
        organization=organization, topic="demo/open:topics/light", wording=date(2000, 1, 1),
        title=title, lines=list(lines), note=note, scope=more.pop("scope", "society"),
        state=more.pop("state", "published"), proposed_by=by, proposed_at=NOON,
        checked_by=checker(), checked_at=NOON, approved_by=by, approved_at=NOON, published_by=by,
        published_at=NOON, published_on=on,
        hang_until=on + timedelta(days=hangs - 1) if hangs else None, **more,
    )  # fmt: skip
    actions.advance(organization)
    return row


def checker() -> User:
    return User.objects.get_or_create(username="looks-first", defaults={"display_name": "看的人"})[
        0
    ]
