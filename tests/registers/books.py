"""Two invented registers: hired helpers, with all a register can say, and one row each unit."""

from contextlib import contextmanager
from datetime import date

from tests.conftest import NOON
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.packs import library
from zhibu.packs.reading import Pack, read
from zhibu.registers import actions
from zhibu.registers.drafts import Draft

HELPERS, CONTACTS = "demo/small:helpers", "demo/small:contacts"
HELPERS_FILE = "registers/helpers/2018-01-01.toml"
CONTACTS_FILE = "registers/contacts/2018-01-01.toml"
WORDING = date(2018, 1, 1)
CITES = 'cites = [{ source = "charter", at = "第三条", seen = "text" }]\n'
HELPERS_TEXT = (
    'title = "聘用人员"\nrow = "人员"\n'
    + CITES
    + """
held_by = ["branch", "committee"]
readers = "members"
key = ["organization", "who", "job"]
subject = "who"
called_by = "who"
counted_by = "job"
closed_columns = ["pay"]
longest = "P2Y"
warn_before = "P30D"
ended_as = [{ id = "left", title = "离职" }, { id = "hired", title = "考录" }]

columns = [
  { id = "who", title = "谁", type = "person" },
  { id = "job", title = "岗位", type = "choice", choices = [
    { id = "clerk", title = "文书" }, { id = "driver", title = "司机" } ] },
  { id = "pay", title = "月薪", type = "money", required = false },
  { id = "phone", title = "电话", type = "text", required = false, masked = "cover" },
  { id = "from", title = "从哪里来", type = "organization", required = false },
]

[numbering]
code = "聘"
scope = "county"

[gaps]
kinds = ["branch"]
when = { all = [{ is = "in_field", fields = ["rural"] }] }
filled_by = ["clerk"]
says = "没有文书的支部"
"""
)
CONTACTS_TEXT = (
    'title = "联络员"\n'
    + CITES
    + """
held_by = ["branch"]
writer = { who = "above" }
key = ["organization"]
ends = "open"
columns = [{ id = "name", title = "姓名", type = "text" }]
"""
)


def files(**texts: str) -> dict[str, str]:
    """The pack's files; ``helpers`` or ``contacts`` written as given."""
    return makers.files() | {
        HELPERS_FILE: texts.get("helpers", HELPERS_TEXT),
        CONTACTS_FILE: texts.get("contacts", CONTACTS_TEXT),
    }


def pack(**texts: str) -> Pack:
    """Read well, unchecked."""
    made, faults = read(files(**texts))
    assert made is not None and not faults, faults
    return made


@contextmanager
def adopted(tree, **texts):
    """Within this block the county keeps both registers."""
    made = pack(**texts)
    with library.trying(made):
        adoptions.adopt(
            pack=made.id, organization=tree.county, since=date(2020, 1, 1), by=tree.system, at=NOON
        )
        yield made


def open_row(place, *, by, since=date(2026, 1, 1), until=None, at=NOON, register=HELPERS, **values):
    return actions.open_row(
        place, Draft(since=since, until=until, values=values), register=register, wording=WORDING,
        by=by, at=at,
    )  # fmt: skip
