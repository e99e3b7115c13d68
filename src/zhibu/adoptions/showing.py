"""What the 制度 pages show: rows, and why something is done the way it is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from zhibu.adoptions import addresses, queries, words
from zhibu.adoptions.models import Adoption
from zhibu.adoptions.queries import Held, HeldItem, Stricter
from zhibu.core.predicates import Asking
from zhibu.organizations.models import BRANCHES, Field, Organization
from zhibu.packs import library
from zhibu.packs.meaning import find
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema import KIND_WORDS
from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.base import Item, Source
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.examples import Example
from zhibu.packs.schema.field_notes import FieldNote
from zhibu.packs.schema.hints import Hint

SECTIONS = {
    "duties": "要办的",
    "activities": "会怎么开",
    "hints": "会提示的",
    "field-notes": "填表时写在旁边的",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An item that holds for an organisation, as a line of the page.

    ``tag`` says what sort of rule it is where it is none of the national ones. ``note``
    says why it does not concern the organisation itself: 不适用, or 对下面的党支部.
    """

    kind: str
    held: HeldItem
    tag: str
    note: str
    applies: bool
    organization: int
    on: date

    @property
    def item(self) -> Item:
        return self.held.wording.item

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def brief(self) -> str:
        return words.brief(self.item)

    @property
    def stricter(self) -> list[str]:
        """次数 1，加严到 2（东镇党委，文件 第一条）."""
        return [words.stricter(one) for one in self.held.stricter]

    def is_of(self, pack: Pack, wording: Wording) -> bool:
        """Whether the row stands for this wording, tightened or not."""
        return self.held.pack.id == pack.id and self.held.wording.file == wording.file

    @property
    def cited(self) -> str:
        return self.held.pack.cited(self.held.wording)

    @property
    def adopter(self) -> str:
        return self.held.adoption.organization.called

    @property
    def is_guided(self) -> bool:
        return self.held.adoption.reach == Adoption.Reach.GUIDED

    @property
    def line(self) -> str:
        """By which line it holds: that of the tree, or that of guidance."""
        return "业务指导" if self.is_guided else "领导"

    @property
    def anchor(self) -> str:
        return addresses.anchor(self.kind, self.held.reference)

    @property
    def url(self) -> str:
        return addresses.item_url(
            self.kind, self.held.reference, organization=self.organization, on=self.on
        )


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind under their heading."""

    kind: str
    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Here:
    """All that holds for an organisation on a day. ``off`` rests on memory alone."""

    organization: Organization
    on: date
    held: list[Held]
    sections: list[Section]
    off: list[tuple[Pack, Wording]] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [row for section in self.sections for row in section.rows]


def here(organization: Organization, day: date, *, path: str) -> Here:
    """What holds for ``organization`` on ``day``, item by item, packs in order.

    A duty that another one refines stands behind that other, and is no row. What concerns
    neither the organisation nor anything that may stand below it is left out. ``path``:
    where the organisation stood that day. Two queries, and one a fact that conditions
    live on.
    """
    held = queries.in_force(organization, day, path=path)
    asking = Asking([organization.pk], day)
    hidden = queries.replaced_kinds(queries.items_of(held, "duties", day))
    sections = []
    for kind, title in SECTIONS.items():
        rows = [
            _row(kind, item, organization, day, asking)
            for item in queries.items_of(held, kind, day)
            if not item.refined_by
            and not (kind == "activities" and item.reference in hidden)
            and _concerns(item.wording.item, organization)
        ]
        sections.append(Section(kind, title, rows))
    return Here(organization, day, held, sections, _off(held, day))


def _concerns(item: Item, organization: Organization) -> bool:
    kinds = _kinds(item)
    return not kinds or organization.kind in kinds or organization.kind not in BRANCHES


def _kinds(item: Item) -> Sequence[str]:
    """Kinds of organisation an item speaks of; none where it speaks of any."""
    if isinstance(item, (Duty, Hint, FieldNote)):
        return item.applies_to
    return BRANCHES if isinstance(item, ActivityKind) else ()


def _row(kind: str, held: HeldItem, organization: Organization, day: date, asking: Asking) -> Row:
    item = held.wording.item
    refines = isinstance(item, Duty) and item.refines
    tag = "加要求" if refines else words.PACK_KINDS[held.pack.meta.kind]
    note, applies = "", True
    if _kinds(item) and organization.kind not in _kinds(item):
        note, applies = f"对下面的{words.kinds(_kinds(item))}", False
    elif isinstance(item, Duty) and organization.pk not in asking.meets(item.when):
        note, applies = "不适用", False
    if held.stricter and not refines:
        return Row(kind, held, "加严", note, applies, organization.pk, day)
    is_plain = held.pack.meta.kind == "national" and not refines
    return Row(kind, held, "" if is_plain else tag, note, applies, organization.pk, day)


def _off(held: Iterable[Held], day: date) -> list[tuple[Pack, Wording]]:
    found = []
    for one in held:
        for wordings in one.pack.items.values():
            wording = one.pack.wording_on(wordings[0].kind, wordings[0].id, day)
            if wording and not wording.item.is_confirmed:
                found.append((one.pack, wording))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One step of why something is done the way it is: a rule, who took it up, or both."""

    title: str
    since: date | None = None
    scope: str = ""
    text: str = ""
    cited: str = ""
    url: str = ""
    adoption: Adoption | None = None


def why(row: Row, held: Sequence[Held]) -> list[Step]:
    """From the rule first made, through who adopted it and who added, to the organisation."""
    steps: list[Step] = []
    by_pack = {one.pack.id: one for one in held}
    for pack, wording in _chain(row, by_pack):
        adoption = by_pack[pack.id].adoption
        rule = Step(
            title=words.PACK_KINDS[pack.meta.kind],
            text=_say(wording.item),
            cited=pack.cited(wording),
            url=addresses.item_url(
                row.kind, f"{pack.id}:{wording.id}", organization=row.organization, on=row.on
            ),
        )
        adopter, reach = adoption.organization.called, scope(adoption)
        if adoption.reach == Adoption.Reach.GUIDED:
            adopter = f"业务指导：{adopter}"
        taken_up = replace(rule, since=adoption.since, scope=reach, adoption=adoption)
        if steps:
            steps.append(replace(taken_up, title=f"{adopter}加了要求"))
        else:
            only = replace(taken_up, title=f"{adopter}采用", text="", cited="", url="")
            steps += [rule, only]
    return [*steps, *(_tightened(one, row) for one in row.held.stricter)]


def _tightened(one: Stricter, row: Row) -> Step:
    reference = f"{one.held.pack.id}:{one.wording.id}"
    return Step(
        title=f"{one.adopter}加严了要求",
        since=one.held.adoption.since,
        scope=scope(one.held.adoption),
        text=words.change_of(one) + "。",
        cited=one.cited,
        url=addresses.item_url("tightenings", reference, organization=row.organization, on=row.on),
        adoption=one.held.adoption,
    )


def _chain(row: Row, by_pack: dict[str, Held]) -> list[tuple[Pack, Wording]]:
    """The item and what it refines, the first rule first."""
    chain = [(row.held.pack, row.held.wording)]
    known = {pack_id: one.pack for pack_id, one in by_pack.items()}
    while True:
        item = chain[0][1].item
        reference = item.refines if isinstance(item, Duty) else None
        if not reference or not find(reference, row.kind, known):
            return chain
        pack_id, _, item_id = reference.partition(":")
        wording = known[pack_id].wording_on(row.kind, item_id, row.on)
        if wording is None or wording in [w for _, w in chain]:
            return chain
        chain.insert(0, (known[pack_id], wording))


def _say(item: Item) -> str:
    said = [words.brief(item)]
    if isinstance(item, Duty):
        required = [one.title for one in item.items if one.required]
        said += [f"必选 {len(required)} 项"] if required else []
        said += ["自选不限"] if len(required) < len(item.items) else []
    return "；".join(said).rstrip("。") + "。"


def scope(adoption: Adoption) -> str:
    """For whom an adoption holds: 本组织和下面的全部组织, 农村、社区."""
    fields = "、".join(Field(name).label for name in adoption.fields)
    return f"{adoption.get_reach_display()}{f'，只限{fields}' if fields else ''}"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and how it was seen; ``source`` where it is the first of its source."""

    text: str
    about: str
    evidence: str
    mark: str
    source: Source | None


def citations(pack: Pack, wording: Wording) -> list[Cited]:
    """Every citation of an item, of its votes and chairs too, in order, each once."""
    cites = list(dict.fromkeys(wording.item.all_cites()))
    first = {cite.source: cite for cite in reversed(cites)}
    return [
        Cited(
            text=" ".join(filter(None, [pack.sources[cite.source].short, cite.at])),
            about=cite.about,
            evidence=cite.evidence,
            mark=cite.mark,
            source=pack.sources[cite.source] if first[cite.source] is cite else None,
        )
        for cite in cites
    ]


def examples(pack: Pack, kind: str, reference: str) -> list[Example]:
    """Worked examples that look at the outcome of an item, by id."""
    rows = sorted(pack.examples.items())
    return [example for _, example in rows if (kind, reference) in example.looked_at()]


def changes(pack: Pack) -> list[tuple[str, list[str]]]:
    """``CHANGES.md`` as headings with their lines, newest first as written."""
    found: list[tuple[str, list[str]]] = []
    for line in pack.changes.splitlines():
        if line.startswith("## "):
            found.append((line.removeprefix("## ").strip(), []))
        elif line.strip() and not line.startswith("# "):
            if not found:
                found.append(("", []))
            found[-1][1].append(line.strip().removeprefix("- "))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """An item in the list of its pack; ``is_off`` where nobody has seen where it stands."""

    title: str
    brief: str
    cited: str
    url: str
    is_off: bool


def contents(pack: Pack) -> list[tuple[str, str, list[Line]]]:
    """The items of a pack as worded last: kind, its word, lines."""
    found = []
    for kind, title in KIND_WORDS.items():
        lines = [_line(pack, wordings[-1]) for wordings in pack.wordings(kind)]
        if lines:
            found.append((kind, title, lines))
    return found


def _line(pack: Pack, wording: Wording) -> Line:
    return Line(
        title=wording.item.title,
        brief=words.brief(wording.item),
        cited=pack.cited(wording),
        url=addresses.item_url(wording.kind, f"{pack.id}:{wording.id}"),
        is_off=not wording.item.is_confirmed,
    )


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a duty of a pack would mean: for how many organisations, in place of what."""

    title: str
    often: str
    concerned: int
    in_place_of: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What adopting a pack would bring. ``organizations``: all it would hold for."""

    pack: Pack
    organization: Organization
    since: date
    scope: str
    organizations: int
    duties: list[Consequence]
    others: str
    is_guided: bool = False


def preview(
    pack: Pack,
    organization: Organization,
    *,
    since: date,
    fields: Sequence[str],
    reach: str = Adoption.Reach.SUBTREE,
) -> Preview:
    """Counted by how the tree stands today. One query, and one for the packs; for the guided
    two more."""
    is_guided = reach == Adoption.Reach.GUIDED
    rows = Organization.objects.under(organization.path)
    if is_guided:
        rows = Organization.objects.filter(pk__in=queries.guided_below(organization, since))
    rows = rows.filter(dissolved_on=None)
    rows = rows.filter(field__in=fields) if fields else rows
    counts: Counter[str] = Counter(rows.values_list("kind", flat=True))
    known = library.packs()
    duties = []
    for wordings in pack.wordings("duties"):
        wording = pack.wording_on("duties", wordings[0].id, since)
        if wording is None or not wording.item.is_confirmed:
            continue
        duty = wording.item
        assert isinstance(duty, Duty)
        base = find(duty.refines, "duties", known) if duty.refines else ()
        duties.append(
            Consequence(
                title=duty.title,
                often=duty.in_words(),
                concerned=sum(counts[kind] for kind in duty.applies_to),
                in_place_of=base[-1].item.title if base else "",
            )
        )
    others = [
        f"{KIND_WORDS[kind]} {len(pack.wordings(kind))} 种"
        for kind in KIND_WORDS
        if kind != "duties" and pack.wordings(kind)
    ]
    return Preview(
        pack=pack,
        organization=organization,
        since=since,
        scope="、".join(Field(name).label for name in fields),
        organizations=counts.total(),
        duties=duties,
        others="，".join(others),
        is_guided=is_guided,
    )
