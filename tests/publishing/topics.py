"""An invented catalogue of disclosures, and things made public by it step by step."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from tests.conftest import NOON
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.packs import library
from zhibu.packs.reading import Pack, read
from zhibu.publishing import actions
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Publication

SHELF = "demo/small:board"
MATTERS, RULES, INSIDE, NAMED, FINANCE = (
    f"{SHELF}/{name}" for name in ("matters", "rules", "inside", "named", "finance")
)
FILE = "catalogues/board/2018-01-01.toml"
TEXT = """
title = "公开目录"
of = "disclosures"
cites = [{ source = "charter", at = "第三条", seen = "text" }]

[[entries]]
id = "matters"
title = "大事"
[entries.disclosure]
scope = "society"
cadence = "at-once"
posted_at_least = "P15D"
held_by = ["branch", "committee"]
checks = [{ id = "secrecy", title = "没有涉密的" }, { id = "privacy", title = "没有隐私" }]

[[entries]]
id = "finance"
title = "收支"
[entries.disclosure]
scope = "society"
cadence = "month"
held_by = ["branch"]
checks = [{ id = "secrecy", title = "没有涉密的" }]

[[entries]]
id = "rules"
title = "制度"
[entries.disclosure]
scope = "unit"
cadence = "at-once"
held_by = ["branch", "committee"]
has_receipts = true
review_after = "P1Y"
checks = [{ id = "secrecy", title = "没有涉密的" }]

[[entries]]
id = "inside"
title = "党内通报"
[entries.disclosure]
scope = "party"
cadence = "quarter"
held_by = ["branch", "committee"]
checks = [{ id = "secrecy", title = "没有涉密的" }]

[[entries]]
id = "named"
title = "告知本人"
[entries.disclosure]
scope = "people"
cadence = "at-once"
held_by = ["branch"]
approved_by = ["branch-secretary"]
checks = [{ id = "privacy", title = "没有别人的隐私" }]
"""


def pack(text: str = TEXT) -> Pack:
    """Read well, unchecked."""
    made, faults = read(makers.files() | {FILE: text})
    assert made is not None and not faults, faults
    return made


@contextmanager
def adopted(tree, text: str = TEXT):
    """Within this block the county makes public by the catalogue."""
    made = pack(text)
    with library.trying(made):
        adoptions.adopt(
            pack=made.id, organization=tree.county, since=date(2020, 1, 1), by=tree.system, at=NOON
        )
        yield made


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def proposed(
    place, *, by, topic=MATTERS, title="修路的事", note="村口的路今年修。", at=NOON, **more
):
    return actions.propose(
        place, Proposal(topic=topic, title=title, note=note, **more), by=by, at=at
    )


def checked(publication, *, by, at=NOON):
    asked = [id_ for id_, _ in actions.questions(publication)]
    return actions.check(publication, looked_at=asked, by=by, at=at)


def published(place, *, by, checker, at=NOON, until=None, **more) -> Publication:
    """Proposed by ``by``, checked and approved by ``checker``, let out by ``by``."""
    publication = checked(proposed(place, by=by, at=at, **more), by=checker, at=at)
    publication = actions.approve(publication, by=checker, at=at)
    return actions.publish(publication, by=by, at=at, until=until)


def days_later(count: int, since: datetime = NOON) -> datetime:
    return since + timedelta(days=count)
