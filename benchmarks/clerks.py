"""A clerk with 2,000 open turns in eight procedures, 10,000 open cases in the county.

python benchmarks/clerks.py [CASES] [TURNS]

Eight installed packs, the shipped rectification under eight names; the cases are written by the
thousand, one turn open in each, TURNS of them at the township's clerk and the rest below. What
the clerk opens, in this process: median and p95 of 30 calls after warm-up, and queries.
Targets: p95 at most 50 ms, at most 12 queries.
"""

import statistics
import sys
import time
from datetime import date, timedelta

from rig import figures, homes

CASES, TURNS, TIMES, BRANCHES = 10_000, 2_000, 30, 200
MODELS = "django.contrib.auth.backends.ModelBackend"
BEGAN, TODAY = date(2026, 9, 1), date(2026, 11, 20)


def install(number: int, system) -> str:
    """The shipped pack under another name, installed; its reference."""
    from django.utils import timezone

    from zhibu.packs import actions as packs
    from zhibu.packs import library
    from zhibu.packs.library import SHIPPED
    from zhibu.packs.reading import files_of, read

    name = f"seeds/rectification-{number}"
    files = {
        path: text.replace("seeds/rectification", name)
        for path, text in files_of(SHIPPED / "seeds" / "rectification").items()
    }
    pack, faults = read(files)
    assert pack is not None, faults
    from zhibu.accounts import actions as accounts

    hands = [
        accounts.appoint_admin(
            username=f"{role}{number}", name=role, admin_role=role, is_demo=True, by=system,
            at=timezone.now(),
        )[0]
        for role in ("system-admin", "security-admin")
    ]  # fmt: skip
    now = timezone.now()
    packs.confirm(packs.propose(pack, by=hands[0], at=now), by=hands[1], at=now)
    assert name in library.packs()
    return f"{name}:rectify"


def build(cases: int, turns: int):
    """The clerk's account."""
    from django.db import transaction
    from django.utils import timezone

    from tests import factories
    from zhibu.accounts.actions import ensure_system_account
    from zhibu.cases.models import Case, Turn

    now = timezone.now()
    system = ensure_system_account(now)
    tree = factories.small_tree(system)
    clerk = factories.holder(tree.village, tree.east, "committee-officer", by=system)
    names = [install(number, system) for number in range(8)]
    with transaction.atomic():
        branches = [
            factories.organization(tree.east, by=system, name=f"第{n}党支部")
            for n in range(BRANCHES)
        ]
    owner = factories.member(tree.village, by=system)
    facts = {"source": "self", "found": "缺", "horizon": "now", "due_on": "2026-12-01"}
    with transaction.atomic():
        made = Case.objects.bulk_create(
            [
                Case(
                    organization=branches[n % BRANCHES], procedure=names[n % 8],
                    wording=date(2000, 1, 1), title=f"第{n}个问题", number=n + 1, owner=owner,
                    due_on=TODAY + timedelta(days=n % 60 - 20),
                    facts=facts, started_on=BEGAN, started_by=system, started_at=now, moved_at=now,
                )
                for n in range(cases)
            ],
            batch_size=500,
        )  # fmt: skip
        Turn.objects.bulk_create(
            [
                Turn(
                    case=case, number=1, opened_on=BEGAN,
                    stage="check" if n < turns else "measures",
                    organization=tree.east if n < turns else case.organization,
                    due_on=TODAY + timedelta(days=n % 60 - 20),
                )
                for n, case in enumerate(made)
            ],
            batch_size=500,
        )  # fmt: skip
    return clerk, names, made


def main(cases: int, turns: int) -> None:
    home = homes.inside()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from zhibu.cli.installing import collect_static

    collect_static()
    clerk, names, made = build(cases, turns)
    if home.database:  # what autovacuum does a minute later
        with connection.cursor() as cursor:
            cursor.execute("analyze")
    client = Client()
    client.force_login(clerk, MODELS)
    pages = {
        "my turn": "/cases/",
        "my turn, page 60": "/cases/?page=60",
        "waiting for others": "/cases/?view=waiting",
        "late": "/cases/?view=overdue",
        "one procedure": f"/cases/?view=all&procedure={names[3]}",
        "board": f"/cases/board/?procedure={names[3]}",
        "one case": f"/cases/{made[0].pk}/",
    }
    rows = []
    for title, address in pages.items():
        for _ in range(3):
            assert client.get(address, HTTP_HOST="127.0.0.1").status_code == 200
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            client.get(address, HTTP_HOST="127.0.0.1")
            took.append((time.perf_counter() - began) * 1000)
        with CaptureQueriesContext(connection) as captured:
            client.get(address, HTTP_HOST="127.0.0.1")
        slow = figures.percentile(took, 0.95)
        rows.append([title, f"{statistics.median(took):.0f}", f"{slow:.0f}", len(captured)])
    figures.table(
        f"A clerk, {home.engine}: {cases} open cases, {turns} of them the clerk's",
        ["page", "median, ms", "p95, ms (target 50)", "queries (target 12)"],
        rows,
    )


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers + [CASES, TURNS][len(numbers) :]))
