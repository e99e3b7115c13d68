"""The shape of every file a pack may hold: strict types, one module a kind of item.

The classes are the reference: ``docs/packs.md`` is written from them. A number field that
may be tightened below says in which direction; a number that is no limit of the practice
(an order on the page) says so, and needs no worked example.
"""

from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.assignment_forms import AssignmentForm
from zhibu.packs.schema.base import Item
from zhibu.packs.schema.campaigns import Campaign
from zhibu.packs.schema.caps import Cap
from zhibu.packs.schema.catalogues import Catalogue
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.field_notes import FieldNote
from zhibu.packs.schema.hints import Hint
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.packs.schema.posts import PostKind
from zhibu.packs.schema.procedures import Procedure
from zhibu.packs.schema.registers import Register
from zhibu.packs.schema.tightenings import Tightening

KINDS: dict[str, type[Item]] = {
    "activities": ActivityKind,
    "assignment-forms": AssignmentForm,
    "campaigns": Campaign,
    "caps": Cap,
    "duties": Duty,
    "field-notes": FieldNote,
    "hints": Hint,
    "pair-kinds": PairKind,
    "posts": PostKind,
    "procedures": Procedure,
    "registers": Register,
    "catalogues": Catalogue,
    "tightenings": Tightening,
}
KIND_WORDS: dict[str, str] = {
    "activities": "活动",
    "assignment-forms": "回执表",
    "campaigns": "集中活动",
    "caps": "上限",
    "duties": "应办",
    "field-notes": "填表说明",
    "hints": "提示",
    "pair-kinds": "结对",
    "posts": "职务",
    "procedures": "程序",
    "registers": "台账",
    "catalogues": "目录",
    "tightenings": "加严",
}
