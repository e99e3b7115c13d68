"""A backup of a gigabyte while meetings are saved, then the drill that restores it.

python benchmarks/backup.py HOME [--megabytes N]

HOME is what ``ZHIBU_HOME=HOME zhibu demo --size county --no-serve`` built; attachments of
random bytes fill it up to N MB with the database, meetings are added to it. A secretary saves
a meeting every half second over HTTP through ``zhibu serve`` while ``zhibu backup`` runs in a
process of its own. Target: at most 60 s, nothing refused.
"""

import argparse
import os
import secrets
import threading
import time
from pathlib import Path

from rig import figures, homes, served
from together import Seen, record, recorders

MEGABYTES, TARGET, PAUSE = 1024, 60, 0.5
MB = 2**20


def fill(home: homes.Home, megabytes: int) -> float:
    """Add attachments of a megabyte each until database and files are that long; MB there."""
    from zhibu.files import storage

    def there() -> int:
        return sum(file.stat().st_size for file in home.path.rglob("*") if file.is_file())

    while there() < megabytes * MB:
        storage.put(secrets.token_bytes(MB), "jpg")
    return there() / MB


def saving(base: str, of: dict[str, object], over: threading.Event, seen: Seen) -> None:
    from tests.reliability.client import Client
    from zhibu.accounts.actions import DEMO_PASSWORD

    client = Client(base)
    client.sign_in(str(of["username"]), DEMO_PASSWORD)
    while not over.is_set():
        try:
            record(client, of, seen)
        except Exception as error:
            seen.errors.append(repr(error))
        over.wait(PAUSE)


def timed(home: homes.Home, *arguments: str) -> float:
    began = time.perf_counter()
    home.run(*arguments)
    return time.perf_counter() - began


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("--megabytes", type=int, default=MEGABYTES)
    told = asked.parse_args()
    home = homes.Home(told.home.absolute(), os.environ.get("ZHIBU_DATABASE", ""))
    os.environ |= home.environment | {"DJANGO_SETTINGS_MODULE": "zhibu.config.settings"}
    import django

    django.setup()
    length = fill(home, told.megabytes)
    archive = home.path.with_name(f"{home.path.name}-backup.zip")
    archive.unlink(missing_ok=True)
    seen, over = Seen(), threading.Event()
    (recorder,) = recorders(1)
    with served.zhibu(home) as base:
        other = threading.Thread(target=saving, args=(base, recorder, over, seen))
        other.start()
        time.sleep(2)
        before = len(seen.saves)
        seconds = timed(home, "backup", str(archive))
        during = seen.saves[before:]
        over.set()
        other.join()
    drilled = timed(home, "drill")
    figures.table(
        f"Backup, {home.engine}, {length:.0f} MB",
        [f"seconds (target {TARGET})", "archive, MB", "meetings saved meanwhile",
         "median, ms", "longest, ms", "refused", "drill, s"],
        [[
            f"{seconds:.1f}", f"{archive.stat().st_size / MB:.0f}", len(during),
            f"{figures.percentile(during, 0.5):.0f}", f"{max(during):.0f}", len(seen.errors),
            f"{drilled:.1f}",
        ]],
    )  # fmt: skip
    print(*seen.errors[:5], sep="\n")
    archive.unlink()
    assert not seen.errors and during


if __name__ == "__main__":
    main()
