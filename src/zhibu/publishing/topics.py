"""What the packs in force ask an organisation to make public: topics, by token."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from zhibu.adoptions.queries import HeldItem, items_in_force
from zhibu.adoptions.words import CADENCES, SCOPES
from zhibu.cases.days import waited
from zhibu.core.dates import Duration, Period, period_of
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.catalogues import Catalogue, Disclosed, Entry

OF = "disclosures"
WORDS_CHECK, COVERED_CHECK = "words", "covered"
WORDS_ASKED = "写出来的逐句看过：没有涉密的，没有别人的隐私"
COVERED_ASKED = "遮住的、没有列出的都看过，没有漏的"


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of a catalogue of disclosures, ``pack:catalogue/entry``, as it is in force."""

    token: str
    entry: Entry
    pack: Pack
    wording: Wording

    @property
    def rule(self) -> Disclosed:
        assert self.entry.disclosure is not None
        return self.entry.disclosure

    @property
    def title(self) -> str:
        return self.entry.title

    @property
    def catalogue(self) -> str:
        return self.wording.item.title

    @property
    def item(self) -> str:
        """The catalogue itself, ``pack:catalogue``."""
        return self.token.rpartition("/")[0]

    @property
    def cited(self) -> str:
        if self.rule.cites:
            return "；".join(self.pack.citation(cite) for cite in self.rule.cites)
        return self.pack.cited(self.wording)

    @property
    def is_for_named(self) -> bool:
        """Whether people are named whom it is for."""
        return self.rule.scope == "people"

    @property
    def scope_word(self) -> str:
        return SCOPES[self.rule.scope]

    @property
    def cadence_word(self) -> str:
        return CADENCES[self.rule.cadence]

    @property
    def least_word(self) -> str:
        least = self.rule.posted_at_least
        if least and self.rule.posted_counts == "working-days":
            return f"至少公布 {Duration.parse(least).days} 个工作日"
        return f"至少公布{Duration.parse(least).in_words()}" if least else ""

    def period(self, day: date) -> Period | None:
        """The period of ``day`` in which it is owed once; None where it is owed at once."""
        cadence = self.rule.cadence
        return None if cadence == "at-once" else period_of(day, cadence)

    def hangs_until(self, since: date) -> date | None:
        """The last day it has to hang that was made public on ``since``, itself counted; None
        where no length is asked."""
        least = self.rule.posted_at_least
        after = waited(since, least, self.rule.posted_counts) if least else None
        return after - timedelta(days=1) if after else None

    def asked(self, *, has_words: bool, has_covered: bool) -> list[tuple[str, str]]:
        """What the checker says they looked at, by id: the pack's, and the platform's own where
        somebody wrote freely or something was covered."""
        found = [(one.id, one.title) for one in self.rule.checks]
        if has_words:
            found.append((WORDS_CHECK, WORDS_ASKED))
        if has_covered:
            found.append((COVERED_CHECK, COVERED_ASKED))
        return found


def in_force(organization: Organization, on: date) -> dict[str, Topic]:
    """Topics in force for ``organization`` that its kind makes public, by token, in the order of
    the catalogues. Three queries."""
    held = items_in_force(organization, on, "catalogues")["catalogues"]
    return {topic.token: topic for one in held for topic in _of(one, organization)}


def _of(held: HeldItem, organization: Organization) -> Iterator[Topic]:
    catalogue = held.wording.item
    if not isinstance(catalogue, Catalogue) or catalogue.of != OF:
        return
    for entry in catalogue.entries:
        rule = entry.disclosure
        if rule is None or organization.kind not in rule.held_by:
            continue
        if rule.fields and organization.field not in rule.fields:
            continue
        yield Topic(f"{held.reference}/{entry.id}", entry, held.pack, held.wording)


def worded(token: str, since: date) -> Topic | None:
    """A topic as worded from ``since`` on, untightened; None where its pack or entry is gone."""
    reference, _, entry_id = token.rpartition("/")
    pack_id, _, name = reference.partition(":")
    pack = library.packs().get(pack_id)
    wording = pack.wording_on("catalogues", name, since) if pack else None
    if pack is None or wording is None or not isinstance(wording.item, Catalogue):
        return None
    entry = next((one for one in wording.item.entries if one.id == entry_id), None)
    if entry is None or entry.disclosure is None:
        return None
    return Topic(token, entry, pack, wording)


def titles() -> dict[str, str]:
    """Titles of all topics of all packs by token, the latest wording of each. No query beyond the
    library's."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("catalogues"):
            item = wordings[-1].item
            if isinstance(item, Catalogue) and item.of == OF:
                for entry in item.entries:
                    found[f"{pack.id}:{wordings[-1].id}/{entry.id}"] = entry.title
    return found
