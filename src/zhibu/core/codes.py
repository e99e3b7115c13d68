"""Codes that somebody without an account follows something by: nobody guesses or misreads them."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from zhibu.core.encryption import keyed_hash

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
IN_GROUP = 4  # letters, 4.9 bits each


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of so many ``groups``: 7K4M-92QX-3HTD. ``drawn`` and ``kept`` set those of one kind
    apart from all others: neither a code nor its hash says anything of another kind."""

    groups: int
    drawn: str
    kept: str

    def new(self) -> str:
        return self._grouped([secrets.choice(LETTERS) for _ in range(self.groups * IN_GROUP)])

    def of(self, seal: str) -> str:
        """The code of what is sent with one question answered: the same for the same ``seal``, so
        that a form sent twice by a double click leads to the one code. Only the ring can compute
        it."""
        number, letters = int(keyed_hash(seal, purpose=self.drawn), 16), []
        for _ in range(self.groups * IN_GROUP):
            number, left = divmod(number, len(LETTERS))
            letters.append(LETTERS[left])
        return self._grouped(letters)

    def hash_of(self, code: str) -> str:
        """What a code is looked up by, however it was typed: small letters, full width, spaces.
        "" for what is no code."""
        typed = unicodedata.normalize("NFKC", code).upper()
        letters = re.sub(r"[\s\-—–_.]", "", typed)
        if len(letters) != self.groups * IN_GROUP or set(letters) - set(LETTERS):
            return ""
        return keyed_hash(letters, purpose=self.kept)

    def _grouped(self, letters: list[str]) -> str:
        starts = range(0, len(letters), IN_GROUP)
        return "-".join("".join(letters[at : at + IN_GROUP]) for at in starts)
