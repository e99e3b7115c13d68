"""A small county to be worked in while processes are killed; built inside an installation.

Two branches of twenty whose secretaries record, and an officer of the county who imports.
"""

from datetime import date
from typing import Any

from tests import factories
from tests.conftest import NOON
from tests.imports import sheets
from tests.imports.workbooks import id_number, workbook
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

PASSWORD = "Lu-cheng-2026"
MEMBERS = 20
BORN = date(1980, 3, 5)
IMPORTED, HOMES = 600, 20


def build() -> dict[str, Any]:
    """What the clients need to know."""
    system = accounts.ensure_system_account(NOON)
    tree = factories.small_tree(system)
    adoptions.adopt(
        pack="national/branch-life", organization=tree.county, since=date(2026, 1, 1),
        by=system, at=NOON,
    )  # fmt: skip
    officer = factories.holder(tree.inner, tree.county, "committee-officer", by=system)
    return {
        "branches": [_branch(each, system) for each in (tree.village, tree.far)],
        "importer": {"username": _opened(officer, system), "code": tree.county.code},
    }


def _branch(branch: Organization, system: User) -> dict[str, Any]:
    secretary = factories.holder(branch, branch, "branch-secretary", by=system)
    others = [factories.member(branch, by=system).pk for _ in range(MEMBERS - 1)]
    return {
        "id": branch.pk,
        "username": _opened(secretary, system),
        "people": [secretary.person_id, *others],
    }


def _opened(user: User, system: User) -> str:
    """The login name of an account that has been activated with a new slip."""
    person = Person.objects.get(pk=user.person_id)
    _, code = accounts.issue(
        person_id=person.pk, name=person.name, wanted=user.username, path=person.home.path,
        organization=person.home.pk, by=system, at=NOON,
    )  # fmt: skip
    return accounts.activate(user, code=code, password=PASSWORD, at=NOON).username


def roster(number: int, above: str) -> bytes:
    """A township of its own with ``IMPORTED`` members in ``HOMES`` branches below ``above``."""
    town = f"X{number:03d}"
    rows = [[town, f"第{number}镇委员会", "党委", above, "1956-05-01", ""]]
    homes = [f"第{number}镇第{home + 1}党支部" for home in range(HOMES)]
    for home, name in enumerate(homes):
        rows.append([f"{town}{home:02d}", name, "党支部", town, "1978-10-01", ""])
    people = [
        sheets.member(
            姓名=f"党员{index}",
            性别="男" if index % 2 else "女",
            出生日期=f"{BORN}",
            公民身份号码=id_number(BORN, serial=index + 2, prefix=f"99{number:04d}"),
            所在党支部=homes[index % HOMES],
            联系电话=f"199{number:04d}{index:04d}",
        )
        for index in range(1, IMPORTED + 1)
    ]
    tree = sheets.organizations(*rows)
    return workbook(tree, sheets.members(*people))
