"""Migrates and verifies a database unpacked beside the real one, in a process of its own.

Started by ``zhibu restore``, ``upgrade`` and ``drill`` with ``ZHIBU_HOME`` pointing at
the unpacked folder.
"""

import sys

from zhibu.cli.archiving import Wanted, settle
from zhibu.cli.console import DONE, Ended, endings, open_program
from zhibu.cli.installing import migrate


def main(arguments: list[str]) -> int:
    open_program()
    try:
        with endings():
            migrate()
            settle(Wanted.of(arguments))
    except Ended as ended:
        sys.stderr.write(f"{ended.message}\n")
        return ended.code
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
