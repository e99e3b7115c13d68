"""A list of a million rows as an Excel file: how far the process grows, and how long it takes.

python benchmarks/export.py [ROWS]

``people:export`` as a county officer asks for it, told how long it takes, read piece by piece
as a server sends it.
The people are made in a process of their own; this one is measured after a small export.
Target: 50 MB of growth.
"""

import os
import resource
import subprocess
import sys
import time

from rig import figures, homes

ROWS, AT_ONCE, MOST = 1_000_000, 20_000, 50
MODELS = "django.contrib.auth.backends.ModelBackend"


def most_memory() -> float:
    """The most this process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def exported(client, query="") -> tuple[float, float]:
    """Megabytes of the file and seconds until its last piece."""
    began = time.perf_counter()
    answer = client.get(f"/people/export/{query}", HTTP_HOST="127.0.0.1")
    assert answer.status_code == 200, answer.status_code
    length = sum(len(piece) for piece in answer.streaming_content)
    answer.close()
    return length / 2**20, time.perf_counter() - began


def peopled(rows: int):
    """A county with ``rows`` people more in one of its branches; prints its officer."""
    from django.utils import timezone

    from tests import factories
    from zhibu.accounts.actions import ensure_system_account
    from zhibu.core import bulk
    from zhibu.people.models import Belonging, MembershipState, Person

    by = ensure_system_account(timezone.now())
    tree = factories.small_tree(by)
    officer = factories.holder(tree.village, tree.county, "committee-officer", by=by)
    home, since = tree.village, factories.SINCE
    blank = Person(registered_at=timezone.now(), home_id=home.pk, path=home.path)
    columns = [field.attname for field in Person._meta.concrete_fields]
    for start in range(0, rows, AT_ONCE):
        ids = bulk.reserve(Person, min(AT_ONCE, rows - start))
        people = []
        for pk in ids:
            blank.pk, blank.name = pk, f"党员{pk}"
            people.append([getattr(blank, column) for column in columns])
        bulk.insert(Person, columns, people)
        bulk.insert(
            Belonging,
            ("person_id", "organization_id", "kind", "since", "until", "is_since_known"),
            [(pk, home.pk, "home", since, None, True) for pk in ids],
        )
        bulk.insert(
            MembershipState,
            ("person_id", "state", "since", "until", "basis"),
            [(pk, "full", since, None, "") for pk in ids],
        )
    print(officer.pk)


def main(rows: int) -> None:
    home = homes.inside()
    from django.test import Client

    from zhibu.accounts.models import User

    built = [sys.executable, __file__, "--build", str(rows)]
    officer = subprocess.run(built, env=os.environ, check=True, stdout=subprocess.PIPE).stdout
    client = Client()
    client.force_login(User.objects.get(pk=int(officer)), MODELS)
    exported(client, "?q=党员1000&begin=1")
    before = most_memory()
    size, seconds = exported(client, "?begin=1")
    grown = most_memory() - before
    figures.table(
        f"Export of people, {home.engine}",
        ["rows", "file, MB", "seconds", "rows/s", f"growth, MB (target {MOST})"],
        [[rows, f"{size:.0f}", f"{seconds:.0f}", f"{rows / seconds:.0f}", f"{grown:.1f}"]],
    )


if __name__ == "__main__":
    if "--build" in sys.argv:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"
        django.setup()
        from django.db import transaction

        with transaction.atomic():
            peopled(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
