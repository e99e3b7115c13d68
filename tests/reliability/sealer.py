"""Seals whatever there is to seal and says when: ``python -m tests.reliability.sealer``.

A child does it, in a process of its own; when it is killed another one follows.
"""

import os
import sys
import time


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    connection.close()
    while True:
        child = os.fork()
        if not child:
            seal()
        os.waitpid(child, 0)
        _say("died", child)


def seal() -> None:
    """Until killed, or left behind by whoever started it."""
    from django.db import OperationalError
    from django.utils import timezone

    from zhibu.ledger import actions as ledger
    from zhibu.ledger.models import Entry

    parent = os.getppid()
    while os.getppid() == parent:
        try:
            if Entry.objects.filter(sealed=None).exists():
                _say("sealing", os.getpid())
                ledger.seal(timezone.now())
                _say("sealed", os.getpid())
        except OperationalError:
            _say("waits", os.getpid())
        time.sleep(0.02)
    os._exit(0)


def _say(what: str, pid: int) -> None:
    sys.stdout.write(f"{what} {pid}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
