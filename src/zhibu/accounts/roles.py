"""The catalogue of roles: data, read once. Stored elsewhere by its stable ids."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zhibu.core.standing import Reach

ADMIN_ROLES = ("system-admin", "security-admin", "audit-admin")
REACH_WORDS: dict[Reach, str] = {
    "own": "本组织",
    "subtree": "本组织和下级",
    "group": "本党小组",
    "everywhere": "全平台",
}


@dataclass(frozen=True, slots=True)
class Role:
    """What one role may do and how far it reaches."""

    id: str
    title: str
    reach: Reach
    grants: frozenset[str]
    about: str

    @property
    def reach_in_words(self) -> str:
        return REACH_WORDS[self.reach]

    @property
    def grants_in_words(self) -> list[str]:
        """What the grants allow, in the order of ``permissions.toml``."""
        return [words for grant, words in permissions().items() if grant in self.grants]


@cache
def catalogue() -> dict[str, Role]:
    raw = tomllib.loads((Path(__file__).parent / "roles.toml").read_text("utf-8"))
    return {
        id_: Role(id_, part["title"], part["reach"], frozenset(part["grants"]), part["about"])
        for id_, part in raw.items()
    }


@cache
def permissions() -> dict[str, str]:
    """Every permission and how a page words it."""
    raw = (Path(__file__).parent / "permissions.toml").read_text("utf-8")
    return {str(grant): str(words) for grant, words in tomllib.loads(raw).items()}


def get(role_id: str) -> Role:
    """Raises ``KeyError`` for a role that is not in the catalogue."""
    return catalogue()[role_id]
