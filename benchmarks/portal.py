"""Residents' pages of a county over HTTP through ``zhibu serve``: how fast, how many a second.

python benchmarks/portal.py HOME [--seconds N] [--readers N] [--every N] [--most N]

HOME is what ``ZHIBU_HOME=HOME zhibu demo --size county --no-serve`` built. Readers without an
account, each on a connection kept open, read the county's page, its townships, villages,
publications, lists and searches, at most ``--most`` of a kind, in a mix drawn by lot: first from a
server just started, then with every page asked for once by everybody and nothing changing, then
while something is published somewhere every ``--every`` seconds. At last something is withdrawn,
and every answer after that has to be without it, from whichever process.
Targets: p95 at most 30 ms, at least 300 requests a second on two cores, first view at most 40 kB.
"""

import argparse
import gzip
import http.client
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.encoding import iri_to_uri
from rig import figures, homes, served

SECONDS, READERS, EVERY, MOST = 20, 8, 5, 600
SLOWEST, LEAST, LIGHTEST = 30, 300, 40_000
SHARES = {"organization": 50, "publication": 25, "list": 15, "home": 8, "find": 2}
LISTS, WORDS = ("notices", "promises", "decisions"), ("路灯", "收支", "灌溉渠", "医保")
WARMING = 4  # connections, over which every process is met
ASKED_AFTER = 60  # times, from as many connections, once something is withdrawn
LINK = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass
class Seen:
    """Milliseconds by kind of page; what was not answered with 200."""

    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SHARES})
    errors: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        return [each for some in self.took.values() for each in some]


@dataclass(frozen=True)
class Pages:
    """Addresses by kind."""

    of: dict[str, list[str]]

    def some(self, most: int) -> "Pages":
        """At most so many of each kind, drawn by lot."""
        dice = random.Random(2)
        return Pages(
            {name: dice.sample(all_, min(most, len(all_))) for name, all_ in self.of.items()}
        )

    def draw(self, dice: random.Random) -> tuple[str, str]:
        name = dice.choices(list(SHARES), list(SHARES.values()))[0]
        return name, dice.choice(self.of[name])


def pages() -> Pages:
    from django.utils import timezone

    from zhibu.core import paths
    from zhibu.organizations.models import Organization
    from zhibu.portal import page_queries as queries
    from zhibu.publishing import queries as publishing

    today = timezone.localdate()
    offered = list(queries.offering(today).values_list("path", flat=True))
    above = {top for path in offered for top in paths.ancestors(path)}
    places = list(Organization.objects.filter(path__in=above).values_list("pk", flat=True))
    shown = publishing.shown(today).values_list("pk", flat=True)
    return Pages(
        {
            "home": ["/open/"],
            "organization": [f"/open/{pk}/" for pk in places],
            "list": [f"/open/{pk}/{name}/" for pk in places for name in LISTS],
            "publication": [f"/open/publication/{pk}/" for pk in shown],
            "find": [iri_to_uri(f"/open/find/?q={word}") for word in WORDS],
        }
    )


class Visitor:
    """Somebody without an account, on one connection kept open."""

    def __init__(self, base: str) -> None:
        self._connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=60)

    def get(self, path: str) -> tuple[int, bytes, float]:
        """Status, body as sent, and milliseconds to its end."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        body = answer.read()
        return answer.status, body, (time.perf_counter() - began) * 1000


def read(base: str, there: Pages, *, seconds: float, readers: int) -> Seen:
    """Everybody reads for so many seconds."""
    seen, until = Seen(), time.perf_counter() + seconds

    def reading(number: int) -> None:
        dice, visitor = random.Random(number), Visitor(base)
        while time.perf_counter() < until:
            name, path = there.draw(dice)
            status, _, took = visitor.get(path)
            seen.took[name].append(took)
            if status != 200:
                seen.errors.append(f"{path}: {status}")

    threads = [threading.Thread(target=reading, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def warm(base: str, there: Pages, readers: int) -> None:
    """Ask for every page over as many connections, each in an order of its own: every process has
    had each of them."""
    paths = [path for some in there.of.values() for path in some]

    def asking(number: int) -> None:
        visitor = Visitor(base)
        for path in random.Random(number).sample(paths, len(paths)):
            visitor.get(path)

    threads = [threading.Thread(target=asking, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def publishing_every(seconds: float, over: threading.Event) -> threading.Thread:
    """Advance the edition of a place drawn by lot every so many seconds, as a publication does."""

    def advancing() -> None:
        from django.db import connection, transaction
        from django.utils import timezone

        from zhibu.portal import page_queries as queries
        from zhibu.publishing import actions

        dice = random.Random(1)
        places = list(queries.offering(timezone.localdate()).order_by("pk"))
        while not over.wait(seconds):
            with transaction.atomic():
                actions.advance(dice.choice(places))
        connection.close()

    thread = threading.Thread(target=advancing)
    thread.start()
    return thread


def report(title: str, seen: Seen, seconds: float) -> None:
    rows = [
        [name, len(took), *(f"{figures.percentile(took, share):.1f}" for share in (0.5, 0.95, 1))]
        for name, took in [*seen.took.items(), ("all", seen.all)]
        if took
    ]
    figures.table(title, ["page", "times", "median, ms", f"p95 (≤ {SLOWEST})", "longest"], rows)
    many = len(seen.all) / seconds
    print(f"{many:.0f} requests a second (target {LEAST}), errors {len(seen.errors)}")
    print(*seen.errors[:5], sep="\n")


def weight(base: str, path: str) -> int:
    """Bytes of the first view: the page with everything it names."""
    visitor = Visitor(base)
    _, body, _ = visitor.get(path)
    text = gzip.decompress(body).decode()
    named = {found.partition("#")[0] for found in LINK.findall(text)}
    return len(body) + sum(len(visitor.get(each)[1]) for each in named)


def withdrawn(base: str, there: Pages) -> list[int]:
    """What is answered of a publication as soon as it is withdrawn, from many connections."""
    from django.utils import timezone

    from zhibu.accounts.models import User
    from zhibu.core import standing
    from zhibu.publishing import actions
    from zhibu.publishing.models import Publication

    found = Publication.objects.published().select_related("checked_by").latest("pk")
    by: Any = found.checked_by or User.objects.get(is_system=True)
    assert standing.may(by, "publishing.check", found.organization.path)
    path = f"/open/publication/{found.pk}/"
    for _ in range(ASKED_AFTER):
        Visitor(base).get(path)
    actions.withdraw(found, reason="试撤下", by=by, at=timezone.now())
    return [Visitor(base).get(path)[0] for _ in range(ASKED_AFTER)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--readers", type=int, default=READERS)
    asked.add_argument("--every", type=float, default=EVERY)
    asked.add_argument("--most", type=int, default=MOST)
    told = asked.parse_args()
    home = homes.Home(told.home.absolute(), os.environ.get("ZHIBU_DATABASE", ""))
    os.environ |= home.environment | {"DJANGO_SETTINGS_MODULE": "zhibu.config.settings"}
    import django

    django.setup()
    every = pages()
    there = every.some(told.most)
    counts = ", ".join(
        f"{len(some)} of {len(every.of[name])} {name}" for name, some in there.of.items()
    )
    with served.zhibu(home) as base:
        cold = read(base, there, seconds=told.seconds, readers=told.readers)
        warm(base, there, WARMING)
        calm = read(base, there, seconds=told.seconds, readers=told.readers)
        over = threading.Event()
        thread = publishing_every(told.every, over)
        busy = read(base, there, seconds=told.seconds, readers=told.readers)
        over.set()
        thread.join()
        bytes_ = weight(base, "/open/")
        after = withdrawn(base, there)
    report(f"Just started, {home.engine}: {counts}", cold, told.seconds)
    report("Every page asked for once", calm, told.seconds)
    report(f"Something published every {told.every:g} s", busy, told.seconds)
    print(f"first view {bytes_} bytes (target {LIGHTEST})")
    print(f"after a withdrawal: {after.count(410)} of {len(after)} without it")
    assert not cold.errors and not calm.errors and not busy.errors and set(after) == {410}


if __name__ == "__main__":
    main()
