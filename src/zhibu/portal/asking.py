"""The question that keeps machines off, without accounts and without anybody else: a sum.

Its seal says which sum, and when it was asked; it is signed, holds for two hours and serves once.
"""

import secrets
import unicodedata
from dataclasses import dataclass

from django.core import signing

SALT = "portal.sum"
HOLDS = 2 * 60 * 60


@dataclass(frozen=True, slots=True)
class Sum:
    """3 加 8 等于几."""

    one: int
    two: int
    once: str

    @property
    def words(self) -> str:
        return f"{self.one} 加 {self.two} 等于几"

    @property
    def seal(self) -> str:
        return signing.dumps([self.one, self.two, self.once], salt=SALT)

    def is_answered(self, typed: str) -> bool:
        text = unicodedata.normalize("NFKC", typed).strip()
        return text.isdecimal() and len(text) < 4 and int(text) == self.one + self.two


def new() -> Sum:
    one, two = (secrets.randbelow(9) + 1 for _ in range(2))
    return Sum(one, two, secrets.token_urlsafe(12))


def opened(seal: str) -> Sum | None:
    """The question of a seal; None where it is not ours or too old."""
    try:
        one, two, once = signing.loads(seal, salt=SALT, max_age=HOLDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Sum(int(one), int(two), str(once))
