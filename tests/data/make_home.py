"""Makes ``home-e5b5169.zip``: a small installation as the program of that commit leaves it.

    git worktree add /tmp/old e5b5169
    cd /tmp/old && PYTHONPATH=src:. python …/tests/data/make_home.py …/tests/data/home-e5b5169.zip

Its keys guard nothing; everybody in it is invented.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WORK = """
import django
django.setup()
from datetime import date, timedelta
from django.utils import timezone
from tests import factories
from zhibu.accounts.models import User
from zhibu.activities import actions
from zhibu.activities.drafts import Draft, KindDraft
from zhibu.adoptions import actions as adoptions
from zhibu.ledger import actions as ledger
by, at = User.objects.get(is_system=True), timezone.now()
tree = factories.small_tree(by)
adoptions.adopt(pack="national/branch-life", organization=tree.county, since=date(2026, 1, 1),
                by=by, at=at)
for number in range(6):
    factories.member(tree.village, by=by, name=f"党员{number}")
secretary = factories.holder(tree.village, tree.village, "branch-secretary", by=by)
draft = Draft((KindDraft("national/branch-life:general-meeting"),), at - timedelta(days=1))
actions.record(tree.village, draft, by=secretary, at=at)
ledger.seal(timezone.now())
"""


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {
            **os.environ,
            "ZHIBU_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "zhibu.config.settings",
        }
        for command in (["-m", "zhibu.cli", "init"], ["-c", WORK]):
            subprocess.run([sys.executable, *command], env=environment, check=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in ("zhibu.sqlite3", "keys/keyring.json"):
                archive.write(home / name, name)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
