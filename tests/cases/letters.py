"""The invented procedure with papers and a file: a letter by the branch when the notice is
up, a decision by the level above, a plan handed in with the look at the room."""

from base64 import b64encode
from dataclasses import replace

from tests.cases import procedures
from tests.packs import makers
from zhibu.cases import papers
from zhibu.cases.models import Case, IssuedPaper
from zhibu.cases.steps import Running
from zhibu.packs.reading import read
from zhibu.packs.schema.papers import Paper, Register, Template
from zhibu.packs.schema.procedures import Outcome

LETTER_FILE, DECISION_FILE = "templates/letter.toml", "templates/decision.toml"
LETTER = """
title = ["借房介绍信"]
addressee = "{{ owner_name }}"
paragraphs = [
  "{{ paper_organization }}的{{case_title}}要借 {{ rooms }} 间房。",
  "{{ remark }}",
  "有效期到{{ paper_valid_until }}。",
]
"""
DECISION = """
layout = "pifu"
title = ["关于{{ case_title }}的批复"]
addressee = "{{ case_organization }}"
paragraphs = ["同意。"]
copies = ["档案室"]

[[table]]
title = "步骤"
text = "{{ row.number }} {{ row.step }}：{{ row.outcome }}"

[[table]]
title = "哪天"
text = "{{ row.day }}"
"""
_PAPERS = """
[[papers]]
id = "letter"
title = "借房介绍信"
template = "letter"
numbering = { id = "letters", title = "介绍信", code = "前介" }
fields = ["rooms", "owner_name"]
may_lack = ["remark"]
valid_for = "P30D"

[[papers]]
id = "decision"
title = "借房批复"
template = "decision"
numbering = { id = "decisions", title = "批复", code = "东批" }
rows = "turns"
"""
_FIELDS = """
[[fields]]
id = "owner_name"
title = "房主"
type = "text"

[[fields]]
id = "remark"
title = "备注"
type = "long-text"
required = false

[[stages]]
id = "notice"
"""
_PLAN = """
[[stages.fields]]
id = "plan"
title = "图纸"
type = "file"

[[stages.outcomes]]
id = "fit"
"""
SUITE = (
    procedures.PERMIT.replace('\n[[stages]]\nid = "notice"\n', _FIELDS, 1)
    .replace('"贴了", to = ["decide"] }', '"贴了", to = ["decide"], issues = ["letter"] }')
    .replace('\n[[stages.outcomes]]\nid = "fit"\n', _PLAN, 1)
    .replace('ends_as = "批了"\nwhen', 'ends_as = "批了"\nissues = ["decision"]\nwhen', 1)
    .replace('\n[[stages]]\n', _PAPERS + '\n[[stages]]\n', 1)
)  # fmt: skip


def files(suite: str = SUITE, letter: str = LETTER, decision: str = DECISION) -> dict[str, str]:
    return {
        **makers.with_file(procedures.FILE, suite),
        LETTER_FILE: letter,
        DECISION_FILE: decision,
    }


def pack(suite: str = SUITE, letter: str = LETTER, decision: str = DECISION):
    """Read well, unchecked."""
    found, faults = read(files(suite, letter, decision))
    assert found is not None and not faults, faults
    return found


def word_pack(content: bytes):
    """The same with the letter made in Word."""
    given = files()
    del given[LETTER_FILE]
    given["templates/letter.docx"] = b64encode(content).decode()
    found, faults = read(given)
    assert found is not None and not faults, faults
    return found


def issued(case: Case, *, by, at, title: str = "整改通知书", valid_for: str | None = "P30D"):
    """A paper of a case under any procedure, through the real action: for scenes."""
    paper = Paper(
        id="notice", title=title, template="notice", valid_for=valid_for,
        numbering=Register(id="notices", title="整改通知", code="整改"),
    )  # fmt: skip
    text = 'title = ["整改通知书"]\nparagraphs = ["{{ case_title }}，请整改。"]\n'
    running = Running(case)
    running.procedure = running.procedure.model_copy(update={"papers": [paper]})
    running.pack = replace(
        running.pack,
        files={**running.pack.files, "templates/notice.toml": text},
        templates={
            "notice": Template(title=["整改通知书"], paragraphs=["{{ case_title }}，请整改。"])
        },
    )
    turn = case.turns.filter(state="done").earliest("number")
    made: list[IssuedPaper] = papers.issue(
        running, turn, Outcome(id="out", title="出", issues=["notice"]), by=by, at=at
    )
    return made[0]
