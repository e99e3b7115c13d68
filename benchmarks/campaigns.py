"""The study campaign's size: 2,297 branches, 54,541 members, 20 items (S002.8-01).

python benchmarks/campaigns.py [BRANCHES] [MEMBERS]

People and meetings are written by the thousand; the campaign is launched and an item entered
for every branch through the real actions. Times are this process's own work. Six items are
asked of every member, by attendance at twelve kinds of sitting that every branch held; fourteen of
the branch. Then the worker counts them, and what the county opens is read twice, in this process:
from the tallies, and as it is before anything is counted, from the records. Median and p95 of 10
calls (3 where every unit is read) after a warm-up, and queries. Targets: grid p95 at most 200 ms,
one page of it in any state at most 50 ms; launching, entering and a turn of the worker at most 1 s
of the lock.
"""

import statistics
import sys
import time
from datetime import UTC, date, datetime

from rig import figures, homes

BRANCHES, MEMBERS, TIMES = 2_297, 54_541, 10
WHOLE = (
    "grid, waiting",
    "grid, complete",
    "progress sheet",
    "make-up list",
    "enter for many",
    "opening the gate",
)  # every unit is read
MODELS = "django.contrib.auth.backends.ModelBackend"
SINCE, STARTS, TODAY = date(2020, 1, 1), date(2026, 3, 1), date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
HEAD = """
id = "demo/ledger"
title = "插袋台账"
version = "1.0.0"
format = 1
kind = "local"
language = "zh-Hans"
about = "照 S002.8-01 的大小：20 项。"
"""
CITES = 'cites = [{ source = "charter", at = "第一条", seen = "text" }]'


def files() -> dict[str, str]:
    """20 items: 6 of every member and 6 of the branch by sittings, 8 entered by the branch."""
    found = {
        "pack.toml": HEAD,
        "sources.toml": '[source.charter]\ntitle = "方案"\nshort = "方案"\n',
        "CHANGES.md": "# 变化\n\n## 1.0.0\n\n- 样例。\n",
    }
    items = []
    for number in range(12):
        found[f"activities/sitting{number}/2018-01-01.toml"] = (
            f'title = "集中学习{number}"\nroll = "members"\n{CITES}\n'
        )
        per = "person" if number < 6 else "organization"
        items.append(
            f'[[items]]\nid = "item{number}"\ntitle = "第{number + 1}张表"\nphase = "study"\n'
            f'per = "{per}"\nactivities = ["demo/ledger:sitting{number}"]\n'
        )
    items += [
        f'[[items]]\nid = "item{number}"\ntitle = "第{number + 1}张表"\nphase = "study"\n'
        f'per = "organization"\nentered = {{}}\n'
        for number in range(12, 20)
    ]
    found["campaigns/study/2018-01-01.toml"] = (
        f'title = "学习教育"\napplies_to = ["branch"]\n{CITES}\n'
        'batches = [{ id = "all", title = "一批" }]\n'
        '[[phases]]\nid = "study"\ntitle = "学习"\nsince = 2026-03-01\nlast_on = 2026-11-30\n'
        '[[phases]]\nid = "after"\ntitle = "整改"\nsince = 2026-11-01\nlast_on = 2026-12-31\n'
        '[phases.gate]\nitems = ["item0", "item6", "item12"]\n'
        f"{CITES}\n" + "\n".join(items)
    )
    return found


def people(branches, members: int, now) -> list[list[int]]:
    """Members of every branch, written as rows."""
    from zhibu.people.models import Belonging, MembershipState, Person

    made = Person.objects.bulk_create(
        [
            Person(
                name=f"党员{n}", home=(home := branches[n % len(branches)]), path=home.path,
                registered_at=now,
            )
            for n in range(members)
        ],
        batch_size=1000,
    )  # fmt: skip
    MembershipState.objects.bulk_create(
        [MembershipState(person=one, state="full", since=SINCE) for one in made], batch_size=1000
    )
    Belonging.objects.bulk_create(
        [Belonging(person=one, organization=one.home, since=SINCE) for one in made],
        batch_size=1000,
    )
    found = [[] for _ in branches]
    for n, one in enumerate(made):
        found[n % len(branches)].append(one.pk)
    return found


def sittings(branches, rolls, system) -> None:
    """Twelve sittings of every branch, each of a kind; every tenth member away."""
    from zhibu.activities.models import Activity, KindOf, Participation

    for number in range(12):
        held = Activity.objects.bulk_create(
            [
                Activity(
                    organization=home, status="held", starts_at=NOON, recorded_by=system,
                    held_on=date(2026, 4, 1 + number), recorded_at=NOON,
                )
                for home in branches
            ],
            batch_size=1000,
        )  # fmt: skip
        KindOf.objects.bulk_create(
            [
                KindOf(activity=one, reference=f"demo/ledger:sitting{number}", title="学习",
                       wording=date(2018, 1, 1))
                for one in held
            ],
            batch_size=1000,
        )  # fmt: skip
        Participation.objects.bulk_create(
            [
                Participation(
                    activity=one, person_id=person,
                    status="absent" if (person + number) % 10 == 0 else "present",
                    reason="ill" if (person + number) % 10 == 0 else "",
                )
                for one, roll in zip(held, rolls, strict=True)
                for person in roll
            ],
            batch_size=1000,
        )  # fmt: skip


def timed(function):
    """What it gives, and seconds of this process's own work."""
    began = time.process_time()
    found = function()
    return found, time.process_time() - began


def main(count: int, members: int) -> None:
    home = homes.inside()
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from tests import factories
    from zhibu.accounts.actions import ensure_system_account
    from zhibu.cases.campaigns import actions, counting, queries
    from zhibu.cases.campaigns.models import Unit
    from zhibu.cli.installing import collect_static
    from zhibu.core import pacing
    from zhibu.core.paths import step
    from zhibu.organizations.models import Organization, Placement
    from zhibu.packs import library
    from zhibu.packs.reading import read

    collect_static()
    now = timezone.now()
    system = ensure_system_account(now)
    tree = factories.small_tree(system)
    officer = factories.holder(tree.village, tree.county, "committee-officer", by=system)
    with transaction.atomic():
        branches = Organization.objects.bulk_create(
            [
                Organization(
                    code=f"B{n:05d}", name=f"第{n}党支部", organization_class="party",
                    kind="branch", field="rural", established_on=SINCE, parent=tree.west,
                    path=tree.west.path + step(1000 + n),
                )
                for n in range(count)
            ],
            batch_size=1000,
        )  # fmt: skip
        Placement.objects.bulk_create(
            [
                Placement(organization=one, parent=tree.west, path=one.path, since=SINCE)
                for one in branches
            ],
            batch_size=1000,
        )
        rolls = people(branches, members, now)
        sittings(branches, rolls, system)
    pack, faults = read(files())
    assert pack is not None, faults
    with library.trying(pack):
        with CaptureQueriesContext(connection) as launching:
            campaign, launch = timed(
                lambda: actions.launch(
                    tree.west, reference="demo/ledger:study", wording=date(2018, 1, 1),
                    title="学习教育", starts={"all": STARTS},
                    units={"all": [one.pk for one in branches]}, by=officer, at=NOON,
                )
            )  # fmt: skip
        units = list(queries.taking_part(campaign))
        item = campaign.rule.item("item12")
        with CaptureQueriesContext(connection) as entering:
            _, enter = timed(
                lambda: actions.enter_many(
                    campaign, units, item, happened_on=date(2026, 5, 1), by=officer, at=NOON
                )
            )
        if home.database:
            with connection.cursor() as cursor:
                cursor.execute("analyze")
        figures.table(
            f"Writing, {home.engine}: {count} branches, {members} members",
            ["action", "s (target 1)", "queries"],
            [["launch", f"{launch:.2f}", len(launching)],
             ["enter for all", f"{enter:.2f}", len(entering)]],
        )  # fmt: skip
        began, turns = time.process_time(), pacing.Pacer()
        waiting = counting.count_waiting(NOON, turns)
        figures.table(
            f"Counting, {home.engine}: by the worker",
            ["units", "s", "longest turn, s (target 1)"],
            [[waiting, f"{time.process_time() - began:.1f}", f"{turns.longest_seconds:.2f}"]],
        )
        if home.database:
            with connection.cursor() as cursor:
                cursor.execute("analyze")
        client = Client()
        client.force_login(officer, MODELS)
        address = campaign.get_absolute_url()
        pages = {
            "grid": f"{address}?phase=all",
            "grid, page 60": f"{address}?phase=all&page=60",
            "grid, waiting": f"{address}?phase=all&state=waiting",
            "grid, complete": f"{address}?phase=all&state=complete",
            "progress sheet": f"{address}progress/",
            "make-up list": f"{address}make-ups/",
            "enter for many": f"{address}enter/item13/",
            "opening the gate": f"{address}spans/{campaign.spans.get(phase='after').pk}/open/",
            "one unit": units[0].get_absolute_url(),
            "workbench's line": "/campaigns/",
        }
        counted = [looked_at(client, title, page) for title, page in pages.items()]
        Unit.objects.update(tallied_on=None)
        live = [looked_at(client, title, page) for title, page in pages.items()]
    rows = [
        [title, *here, *there, f"{float(there[0]) / float(here[0]):.1f}"]
        for title, here, there in zip(pages, counted, live, strict=True)
    ]
    figures.table(
        f"Looking, {home.engine}: {count} branches, {members} members, 20 items",
        ["page", "median, ms", "p95, ms", "queries", "from records: median", "p95", "queries",
         "times as long"],
        rows,
    )  # fmt: skip


def looked_at(client, title: str, page: str) -> list[str]:
    """Median and p95 in ms, and queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert client.get(page, HTTP_HOST="127.0.0.1").status_code in (200, 403)
    took = [
        timed(lambda: client.get(page, HTTP_HOST="127.0.0.1"))[1] * 1000
        for _ in range(3 if title in WHOLE else TIMES)
    ]
    with CaptureQueriesContext(connection) as captured:
        client.get(page, HTTP_HOST="127.0.0.1")
    slow = figures.percentile(took, 0.95)
    return [f"{statistics.median(took):.0f}", f"{slow:.0f}", str(len(captured))]


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers + [BRANCHES, MEMBERS][len(numbers) :]))
