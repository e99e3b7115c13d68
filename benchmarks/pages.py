"""Every page of a county over HTTP through ``zhibu serve``, by role.

python benchmarks/pages.py [HOME] [--times N] [--only WORD] [--write FILE] [--smaller FILE]

HOME is what ``ZHIBU_HOME=HOME zhibu demo --size county --no-serve`` built; without it one is
built and thrown away. It is measured once its worker has come to rest. ``pages.toml`` lists
every address; one that is not listed ends the script. 30 calls after warm-up on one
connection: median and p95 in milliseconds, queries (counted in this process, once), bytes.
With ``--smaller``, what ``--write`` wrote of a smaller installation, each page's growth is told.
Three page shapes stand beside the same in bare Django, under the same server and in turn.
Targets: p95 at most 50 ms, at most 12 queries. Exports stand on their own.
"""

import argparse
import csv
import json
import os
import statistics
import sys
import time
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rig import figures, homes, served

HERE = Path(__file__).resolve().parent
WARM_UP, TIMES, SLOWEST, MOST = 3, 30, 50, 12
LONGEST, QUIET = 900, 20  # s until the worker is through, s it must have been
GROWTH = 1.5
FILES = 5  # calls of an export, which may take seconds
USERS = {"branch": "secretary", "township": "township", "county": "county"}
BESIDE = {"/people/": "county", "/activities/": "county", "/organizations/{branch}/": "county"}


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    role: str
    is_export: bool


@dataclass(frozen=True)
class Row:
    page: Page
    median: float
    slow: float
    queries: int
    length: int

    @property
    def cells(self) -> list[object]:
        slow = f"{self.slow:.0f}{' !' if self.slow > SLOWEST and not self.page.is_export else ''}"
        queries = f"{self.queries}{' !' if self.queries > MOST else ''}"
        role = self.page.role
        return [self.page.name, role, f"{self.median:.0f}", slow, queries, self.length]


class Unanswered(Exception):
    """A page of the list that does not answer whoever is said to open it."""


COLUMNS = ["page", "role", "median, ms", "p95, ms", "queries", "bytes"]


def listed(facts: dict[str, int]) -> list[Page]:
    """The pages of ``pages.toml``, filled in.

    Raises:
        SystemExit: an address of the product has no line, or a line no address.
    """
    from tests.browser.pages import addresses
    from tests.costs.pages import NO_COST

    verbs = {name for name, reason in NO_COST.items() if "POST only" in reason}
    known = tomllib.loads((HERE / "pages.toml").read_text("utf-8"))
    names = set(known["pages"]) | set(known["exports"]) | set(known["left_out"])
    missing = addresses() - names - verbs
    if missing or names - addresses():
        raise SystemExit(f"pages.toml: without a line {missing}; nowhere {names - addresses()}")
    return [
        Page(name, line["path"].format(**facts), role, section == "exports")
        for section in ("pages", "exports")
        for name, line in known[section].items()
        for role in line["roles"]
    ]


def county_facts() -> dict[str, int]:
    """Numbers of the demo's own secretary, of their branch and of what it did."""
    from zhibu.accounts.models import User
    from zhibu.activities.models import Activity
    from zhibu.adoptions.models import Adoption
    from zhibu.assignments.models import Assignment
    from zhibu.cases.models import Turn
    from zhibu.duties.models import Obligation
    from zhibu.pairings.models import Contact, Link, Rota
    from zhibu.pairings.models import Turn as DutyTurn
    from zhibu.people.models import Belonging, Holding
    from zhibu.registers.models import Row

    secretary = User.objects.get(username="secretary")
    officer = User.objects.get(username=USERS["county"]).person_id
    posts = Holding.objects.filter(ended_on=None)
    holding = posts.filter(person=secretary.person_id).earliest("pk")
    branch = holding.post.organization
    members = Belonging.objects.filter(organization=branch, until=None)
    done = Activity.objects.filter(organization=branch)
    tasks = Assignment.objects.filter(organization=branch)
    turn = Turn.objects.open().filter(case__organization=branch).exclude(due_on=None).latest("pk")
    return {
        "case": turn.case_id,
        "turn": turn.pk,
        "branch": branch.pk,
        "township": branch.parent_id,
        "county": posts.filter(person=officer)
        .earliest("post__organization__path")
        .post.organization_id,
        "holding": holding.pk,
        "person": members.exclude(person=secretary.person_id).latest("pk").person_id,
        "planned": done.filter(status="planned").latest("pk").pk,
        "activity": done.exclude(status="planned").latest("starts_at").pk,
        "task": tasks.latest("pk").pk,
        "open_task": tasks.filter(state="open").latest("pk").pk,
        "obligation": Obligation.objects.filter(
            organization=branch, holder_kind="organization", period_since__lte=date.today()
        )
        .latest("period_since")
        .pk,
        "missed": Obligation.objects.overdue(date.today())
        .filter(organization__parent=branch.parent_id, holder_kind="organization")
        .latest("pk")
        .pk,
        "row": Row.objects.filter(state="open").latest("pk").pk,
        "link": Link.objects.filter(contacted_on__isnull=False).latest("pk").pk,
        "contact": Contact.objects.latest("pk").pk,
        "rota": Rota.objects.latest("pk").pk,
        "my_turn": DutyTurn.objects.filter(on__gt=date.today()).earliest("pk").pk,
        "own_adoption": Adoption.objects.latest("pk").pk,
        "adoption": Adoption.objects.filter(organization__parent=None, until=None).latest("pk").pk,
    }


def queries(page: Page, clients: dict[str, Any]) -> int:
    """How many a settled session takes; the first call is not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = clients[page.role]
    answer = client.get(page.path, HTTP_HOST="127.0.0.1")
    answer.getvalue()
    if answer.status_code != 200:
        raise Unanswered(f"{page.name} as {page.role}: {answer.status_code}")
    with CaptureQueriesContext(connection) as captured:
        client.get(page.path, HTTP_HOST="127.0.0.1").getvalue()
    return len(captured)


def signed_in() -> dict[str, Any]:
    from django.test import Client

    from zhibu.accounts.models import User

    clients = {role: Client() for role in USERS}
    for role, client in clients.items():
        client.force_login(
            User.objects.get(username=USERS[role]), "django.contrib.auth.backends.ModelBackend"
        )
    return clients


def timed(reader: served.Reader, path: str, times: int) -> tuple[list[float], int]:
    length = 0
    for _ in range(WARM_UP):
        status, length, _ = reader.get(path)
        if status != 200:
            raise SystemExit(f"{path}: {status}")
    return [reader.get(path)[2] for _ in range(times)], length


def beside(ours: served.Reader, bare: served.Reader, paths: list[str], times: int) -> None:
    rows = []
    for path in paths:
        timed(ours, path, 0), timed(bare, path, 0)
        took = [(ours.get(path)[2], bare.get(path)[2]) for _ in range(times)]
        ours_ms, bare_ms = (statistics.median(each) for each in zip(*took, strict=True))
        rows.append([path, f"{ours_ms:.1f}", f"{bare_ms:.1f}", f"{ours_ms / bare_ms:.1f}"])
    figures.table("The same shape in bare Django", ["page", "ours, ms", "bare, ms", "ratio"], rows)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path, nargs="?")
    asked.add_argument("--times", type=int, default=TIMES)
    asked.add_argument("--only", default="")
    asked.add_argument("--write", type=Path)
    asked.add_argument("--smaller", type=Path)
    told = asked.parse_args()
    if told.home:
        at = homes.Home(told.home.absolute(), os.environ.get("ZHIBU_DATABASE", ""))
        measure(at, told)
    else:
        with homes.home() as at:
            at.run("demo", "--size", "county", "--no-serve")
            measure(at, told)


def settle() -> None:
    """Wait until the worker has sealed what there is and is through what was queued."""
    from django_tasks_db.models import DBTaskResult

    from zhibu.ledger.models import Entry, Sealed

    sys.stderr.write("waiting for the worker\n")
    quiet = 0
    for _ in range(LONGEST):
        waits = Entry.objects.count() > Sealed.objects.count()
        queued = DBTaskResult.objects.ready().exists() or DBTaskResult.objects.running().exists()
        quiet = 0 if waits or queued else quiet + 1
        if quiet == QUIET:
            return
        time.sleep(1)
    raise SystemExit(f"the worker has not come to rest within {LONGEST} s")


def measure(home: homes.Home, told: argparse.Namespace) -> None:
    os.environ |= home.environment | {"DJANGO_SETTINGS_MODULE": "zhibu.config.settings"}
    import django

    django.setup()
    accounts = json.loads((home.path / "demo.json").read_text("utf-8"))["accounts"]
    passwords = {each["username"]: each["password"] for each in accounts}
    with served.zhibu(home):
        settle()
    facts = county_facts()
    pages = [page for page in listed(facts) if told.only in page.name]
    clients = signed_in()
    rows, faults = [], []
    with served.zhibu(home) as base, served.bare(home) as other:
        readers = {r: served.Reader(base, u, passwords[u]) for r, u in USERS.items()}
        for page in pages:
            try:
                counted = queries(page, clients)
            except Unanswered as error:
                faults.append(str(error))
                continue
            times = min(told.times, FILES) if page.is_export else told.times
            took, length = timed(readers[page.role], page.path, times)
            slow = figures.percentile(took, 0.95)
            rows.append(Row(page, statistics.median(took), slow, counted, length))
            sys.stderr.write("  ".join(map(str, rows[-1].cells)) + "\n")
        for title, is_export in (("Pages", False), ("Files", True)):
            shown = sorted(
                (r for r in rows if r.page.is_export == is_export), key=lambda row: -row.slow
            )
            figures.table(f"{title}, {home.engine}", COLUMNS, [row.cells for row in shown])
        paths = [path.format(**facts) for path in BESIDE]
        beside(readers["county"], served.Reader(other, "", ""), paths, told.times)
    if told.write:
        lines = ["\t".join(COLUMNS), *("\t".join(str(c) for c in row.cells) for row in rows)]
        told.write.write_text("\n".join(lines) + "\n", "utf-8")
    if told.smaller:
        say_growth(rows, told.smaller)
    if faults:
        raise SystemExit("\n".join(faults))


def say_growth(rows: list[Row], smaller: Path) -> None:
    """The pages that take longest beside the smaller installation; shares of each role."""
    lines = csv.DictReader(smaller.open(encoding="utf-8"), delimiter="\t")
    before = {(line["page"], line["role"]): float(line["median, ms"]) for line in lines}
    grown = [
        (row.median / max(before[row.page.name, row.page.role], 1), row)
        for row in rows
        if (row.page.name, row.page.role) in before and not row.page.is_export
    ]
    for role in USERS:
        of = [growth for growth, row in grown if row.page.role == role]
        within = sum(growth <= GROWTH for growth in of)
        print(f"{role}: {within} of {len(of)} pages within {GROWTH} times the smaller one")
    worst = sorted((each for each in grown if each[0] > GROWTH), key=lambda each: -each[0])
    cells = [
        [row.page.name, row.page.role, before[row.page.name, row.page.role], f"{row.median:.0f}",
         f"{growth:.1f}"]
        for growth, row in worst
    ]  # fmt: skip
    columns = ["page", "role", "smaller, ms", "here, ms", "times"]
    figures.table(f"Growth, more than {GROWTH} times", columns, cells)


if __name__ == "__main__":
    main()
