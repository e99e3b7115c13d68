"""Fifty recorders save a meeting each within a minute while the county reads overviews.

python benchmarks/together.py HOME [--recorders N] [--seconds N]

HOME is what ``ZHIBU_HOME=HOME zhibu demo --size county --no-serve`` built; meetings are added
to it. Everything goes over HTTP through ``zhibu serve``: secretaries of branches of about 20
open the form and save it with everyone present, at moments spread over the minute; two county
officers open the overview all the while. Target: p95 at most 300 ms, no error, nobody lost.
"""

import argparse
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rig import figures, homes, served

RECORDERS, SECONDS, SIZE, SLOWEST = 50, 60, 20, 300
KIND = "knational/branch-life:general-meeting"
THEME = "同时记录"
HOME = "post__organization__belongings"


@dataclass
class Seen:
    """Milliseconds of saves, of forms opened and of overviews; what went wrong."""

    saves: list[float] = field(default_factory=list)
    forms: list[float] = field(default_factory=list)
    overviews: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def recorders(count: int) -> list[dict[str, Any]]:
    """Secretaries of branches of about ``SIZE``, each with an account and a password."""
    from django.db.models import Count, Q
    from django.utils import timezone

    from zhibu.accounts import actions as accounts
    from zhibu.accounts.models import User
    from zhibu.people.models import Belonging, Holding

    now, by = timezone.now(), User.objects.get(is_system=True)
    posts = (
        Holding.objects.filter(ended_on=None, post__role="branch-secretary")
        .annotate(
            size=Count(
                HOME, filter=Q(**{f"{HOME}__until": None})
            )
        )
        .filter(size__gte=SIZE, size__lte=SIZE + 8)
        .select_related("person", "post__organization")
        .order_by("pk")[:count]
    )  # fmt: skip
    found = []
    for holding in posts:
        branch, person = holding.post.organization, holding.person
        account, code = accounts.issue(
            person_id=person.pk, name=person.name, wanted=f"r{person.pk}", path=branch.path,
            organization=branch.pk, is_demo=True, by=by, at=now,
        )  # fmt: skip
        accounts.activate(account, code=code, password=accounts.DEMO_PASSWORD, at=now)
        others = Belonging.objects.filter(organization=branch, until=None).exclude(person=person)
        found.append(
            {
                "username": account.username,
                "branch": branch.pk,
                "chair": person.pk,
                "recorder": others.earliest("pk").person_id,
            }
        )
    return found


def record(client: Any, of: dict[str, Any], seen: Seen) -> None:
    """Open the form, save it."""
    address = f"/activities/record/?organization={of['branch']}"
    began = time.perf_counter()
    client.get(address)
    opened = time.perf_counter()
    fields = [
        *(("what", KIND), ("starts_at", time.strftime("%Y-%m-%dT00:30"))),
        *(("place", "村部"), ("theme", THEME), ("agenda", "学习")),
        *(("chair", of["chair"]), ("recorder", of["recorder"])),
    ]
    answer = client.post(address, fields)
    seen.forms.append((opened - began) * 1000)
    seen.saves.append((time.perf_counter() - opened) * 1000)
    if answer.status != 302:
        seen.errors.append(f"{of['branch']}: {answer.status}")


def run(base: str, all_of_them: list[dict[str, Any]], officer: str, seconds: int) -> Seen:
    from tests.reliability.client import Client
    from zhibu.accounts.actions import DEMO_PASSWORD

    seen, over = Seen(), threading.Event()
    dice = random.Random(2026)
    clients = []
    for each in all_of_them:
        client = Client(base)
        client.sign_in(each["username"], DEMO_PASSWORD)
        clients.append((client, each, dice.uniform(0, seconds)))

    def recording(client: Client, of: dict[str, Any], wait: float) -> None:
        time.sleep(wait)
        try:
            record(client, of, seen)
        except Exception as error:
            seen.errors.append(repr(error))

    def reading() -> None:
        reader = served.Reader(base, officer, DEMO_PASSWORD)
        while not over.is_set():
            status, _, took = reader.get("/overview/")
            seen.overviews.append(took)
            if status != 200:
                seen.errors.append(f"overview: {status}")
            over.wait(0.5)

    threads = [threading.Thread(target=recording, args=each) for each in clients]
    readers = [threading.Thread(target=reading) for _ in range(2)]
    for thread in [*threads, *readers]:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    return seen


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("--recorders", type=int, default=RECORDERS)
    asked.add_argument("--seconds", type=int, default=SECONDS)
    told = asked.parse_args()
    home = homes.Home(told.home.absolute(), os.environ.get("ZHIBU_DATABASE", ""))
    os.environ |= home.environment | {"DJANGO_SETTINGS_MODULE": "zhibu.config.settings"}
    import django

    django.setup()
    from zhibu.activities.models import Activity, Participation

    assert json.loads((home.path / "demo.json").read_text("utf-8"))["size"] == "county"
    there = set(Activity.objects.filter(theme=THEME).values_list("pk", flat=True))
    everyone = recorders(told.recorders)
    with served.zhibu(home) as base:
        seen = run(base, everyone, "county", told.seconds)
    made = Activity.objects.filter(theme=THEME).exclude(pk__in=there)
    present = Participation.objects.filter(activity__in=made, status="present").count()
    rows = [
        [what, len(took), *(f"{figures.percentile(took, share):.0f}" for share in (0.5, 0.95, 1))]
        for what, took in (
            ("forms opened", seen.forms), ("meetings saved", seen.saves),
            ("overviews", seen.overviews),
        )
    ]  # fmt: skip
    title = f"Together, {home.engine}: {made.count()} meetings, {present} people present"
    figures.table(
        title, ["what", "times", "median, ms", f"p95 (target {SLOWEST})", "longest"], rows
    )
    lost = len(everyone) - made.count()
    print(f"errors {len(seen.errors)}, lost {lost}", *seen.errors[:5], sep="\n")
    assert not seen.errors and not lost


if __name__ == "__main__":
    main()
