"""What leaves: drawn from the record by its area, then covered once more, whatever was declared.

This is the one place where text goes out: titles, lines and free words of a publication, and
the words in which a visitor's question is answered for everybody, and where it was posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhibu.core import disclosures, masking
from zhibu.core.disclosures import Candidate, Draft, Line, Record
from zhibu.organizations.models import Organization
from zhibu.publishing.topics import Topic

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LONGEST_TITLE = 100


def covered(text: str) -> tuple[str, bool]:
    """``text`` without numbers of people, and whether it had any."""
    found = masking.cover(text)
    return found.text, bool(found.kinds)


def safe(draft: Draft) -> Draft:
    """A draft without numbers of people anywhere."""
    lines = []
    for line in draft.lines:
        label, in_label = covered(line.label)
        text, in_text = covered(line.text)
        lines.append(Line(label, text, line.masked or in_label or in_text))
    title, _ = covered(draft.title)
    return replace(draft, title=title[:LONGEST_TITLE], lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody wrote as it would be read; ``covered``: what of people stood in it, in words,
    each once."""

    title: str
    note: str
    covered: tuple[str, ...]


def seen(title: str, note: str, drawn: str = "") -> Seen:
    """Title and free words as they leave, ``drawn`` the title where none was written. No query."""
    head, words = masking.cover(title.strip()), masking.cover(note.strip())
    kinds = dict.fromkeys((*head.kinds, *words.kinds))
    return Seen(
        head.text[:LONGEST_TITLE] or drawn, words.text, tuple(masking.WORDS[one] for one in kinds)
    )


def compose(source: str, record: Record) -> Draft:
    """The record as an outsider would see it.

    Raises:
        KeyError: nobody registered ``source``.
    """
    return safe(disclosures.get(source).compose(record))


@dataclass(frozen=True, slots=True)
class Offered:
    """A record that a topic could be drafted from; ``source`` is the name of its disclosure."""

    source: str
    candidate: Candidate

    @property
    def key(self) -> str:
        """How a form names it: cases:12, money:3:2026-07-01:2026-10-01."""
        return key_of(self.source, self.candidate.record)


def key_of(source: str, record: Record) -> str:
    days = [day.isoformat() for day in (record.since, record.until) if day]
    return ":".join([source, str(record.id), *days])


def offered(
    user: "User", organization: Organization, topic: Topic, *, source: str = "",
    record: int | None = None,
) -> list[Offered]:  # fmt: skip
    """Records of ``organization`` that ``user`` sees and ``topic`` can be drafted from, newest
    first; of ``source`` alone, and one ``record`` alone, where they are given. A query for each
    kind of record."""
    found: list[Offered] = []
    for origin in topic.rule.drafted_from:
        if origin.of in disclosures.names() and source in ("", origin.of):
            known = disclosures.get(origin.of)
            rows = known.candidates(user, organization.pk, origin.only, record)
            found += [Offered(origin.of, one) for one in rows]
    return sorted(found, key=lambda one: (one.candidate.on, one.key), reverse=True)


def has_covered(lines: Sequence[dict[str, object]]) -> bool:
    return any(line["masked"] for line in lines)
