"""The zhibu command: one door for the console.

Owns options, exit codes and what is printed; what is done lies in the areas. Django is
imported inside the commands, so that ``zhibu --help`` answers at once.
"""

import os
import sys


def main() -> None:
    os.umask(0o077)  # whatever a command writes is its owner's alone
    from zhibu.cli.program import run

    sys.exit(run(sys.argv[1:]))
