"""Which credits may count for which obligation: by organisation, group, post, person, pair."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q

from zhibu.core import presence
from zhibu.duties import talks
from zhibu.duties.counting import Reported
from zhibu.duties.models import Credit, HolderKind, Obligation
from zhibu.packs.schema.duties import Duty
from zhibu.people.models import Holding

CHUNK = 10_000  # ids named in one query


def found(rows: Sequence[Obligation], duties: Sequence[Duty]) -> list[list[Reported]]:
    """For each of ``rows``, what counts in its period and may count for its holder.

    A fixed number of queries for each kind of holder there is, whatever the number of rows.
    """
    pools: list[list[Reported]] = [[] for _ in rows]
    kinds = {row.holder_kind for row in rows}
    if kinds - {HolderKind.POST, HolderKind.PERSON, HolderKind.PAIR}:
        _of_organizations(rows, duties, pools)
    for kind, fill in (
        (HolderKind.POST, _of_posts),
        (HolderKind.PERSON, _of_people),
        (HolderKind.PAIR, _of_pairs),
    ):
        if kind in kinds:
            fill([i for i, row in enumerate(rows) if row.holder_kind == kind], rows, duties, pools)
    return pools


def _inside(row: Obligation, duty: Duty, reported: Iterable[Credit]) -> list[Reported]:
    return [
        item
        for item in reported
        if item.kind in duty.fulfilled_by
        and row.period_since <= item.credited_on < row.period_until
    ]


def _of_organizations(
    rows: Sequence[Obligation], duties: Sequence[Duty], pools: list[list[Reported]]
) -> None:
    owned = _credits_of([row for row in rows if row.holder_kind in _OWN])
    for index, (row, duty) in enumerate(zip(rows, duties, strict=True)):
        if row.holder_kind in _OWN:
            group = row.holder_id if row.holder_kind == HolderKind.PARTY_GROUP else None
            pools[index] = _inside(row, duty, owned.get((row.organization_id, group), []))


_OWN = (HolderKind.ORGANIZATION, HolderKind.PARTY_GROUP)


def _credits_of(rows: Sequence[Obligation]) -> dict[tuple[int, int | None], list[Credit]]:
    """Credits of the rows' organisations over the rows' periods, by organisation and group."""
    found: dict[tuple[int, int | None], list[Credit]] = defaultdict(list)
    if not rows:
        return found
    inside = Credit.objects.filter(
        organization__in={row.organization_id for row in rows},
        credited_on__gte=min(row.period_since for row in rows),
        credited_on__lt=max(row.period_until for row in rows),
    )
    for item in inside:
        found[item.organization_id, item.group_id].append(item)
    return found


def _of_posts(
    own: Sequence[int],
    rows: Sequence[Obligation],
    duties: Sequence[Duty],
    pools: list[list[Reported]],
) -> None:
    spoken = _credits_of_posts([rows[i] for i in own])
    for i in own:
        pool = spoken.get((rows[i].holder_id, duties[i].credited_through or ""), [])
        pools[i] = _inside(rows[i], duties[i], pool)


def _credits_of_posts(rows: Sequence[Obligation]) -> dict[tuple[int, str], list[Credit]]:
    """Credits of whoever held a post on the day, by post and way (speaker, chair)."""
    found: dict[tuple[int, str], list[Credit]] = defaultdict(list)
    holdings = list(Holding.objects.filter(post__in={row.holder_id for row in rows}))
    reported = _said_by({holding.person_id for holding in holdings})
    for holding in holdings:
        for way in ("speaker", "chair"):
            for item in reported.get((holding.person_id, way), []):
                ended = holding.ended_on is not None and item.held_on >= holding.ended_on
                if item.held_on >= holding.since and not ended:
                    found[holding.post_id, way].append(item)
    return found


def _said_by(people: set[int]) -> dict[tuple[int, str], list[Credit]]:
    """Credits that somebody spoke at or chaired, by person and way. One query."""
    found: dict[tuple[int, str], list[Credit]] = defaultdict(list)
    for item in Credit.objects.filter(Q(speaker_id__in=people) | Q(chair_id__in=people)):
        if item.speaker_id in people:
            found[item.speaker_id, "speaker"].append(item)
        if item.chair_id in people:
            found[item.chair_id, "chair"].append(item)
    return found


def _of_people(
    own: Sequence[int],
    rows: Sequence[Obligation],
    duties: Sequence[Duty],
    pools: list[list[Reported]],
) -> None:
    """What each was present at, spoke at or chaired, anywhere."""
    said = [i for i in own if duties[i].credited_through in ("speaker", "chair")]
    spoken = _said_by({rows[i].holder_id for i in said}) if said else {}
    present = [i for i in own if duties[i].credited_through not in ("speaker", "chair")]
    attended = _attended([rows[i] for i in present], [duties[i] for i in present])
    for i in own:
        way = duties[i].credited_through
        if way in ("speaker", "chair"):
            pool = spoken.get((rows[i].holder_id, way), [])
        else:
            pool = attended.get(rows[i].holder_id, [])
        pools[i] = _inside(rows[i], duties[i], pool)


def _attended(rows: Sequence[Obligation], duties: Sequence[Duty]) -> dict[int, list[Credit]]:
    """Credits of activities somebody was at, by person. A query for attendance, and one for
    each ``CHUNK`` of activities."""
    found: dict[int, list[Credit]] = defaultdict(list)
    if not rows:
        return found
    kinds = sorted({kind for duty in duties for kind in duty.fulfilled_by})
    since: date = min(row.period_since for row in rows)
    pairs = presence.of({row.holder_id for row in rows}, kinds, since)
    by_source: dict[int, list[Credit]] = defaultdict(list)
    sources = sorted({source for source, _ in pairs})
    for start in range(0, len(sources), CHUNK):
        some = sources[start : start + CHUNK]
        for item in Credit.objects.filter(source_id__in=some, kind__in=kinds):
            by_source[item.source_id].append(item)
    for source, person in pairs:
        found[person] += by_source.get(source, [])
    return found


def _of_pairs(
    own: Sequence[int],
    rows: Sequence[Obligation],
    duties: Sequence[Duty],
    pools: list[list[Reported]],
) -> None:
    counted = talks.counted([rows[i] for i in own], [duties[i] for i in own])
    for place, i in enumerate(own):
        pools[i] = list(counted.get(place, []))
