"""Columns of duties that point to a person: who spoke, chaired or talked, who owes something."""

from collections.abc import Callable

from zhibu.core.merging import Gone, points_to_person
from zhibu.duties.models import (
    PERSONAL,
    Credit,
    Exemption,
    Explanation,
    Lapsed,
    Obligation,
    Talk,
)

OWN = {"holder_kind__in": PERSONAL}
KEY = ("holder_kind", "pack", "duty", "period_since")


def _obligations(kept: int, gone: int) -> Gone:
    """They are derived: the refresh that follows a merge writes those of the kept record."""
    Obligation.objects.filter(**OWN, holder_id=gone).delete()
    return []


def _excused(model: type[Exemption] | type[Explanation]) -> None:
    """Of two said of the same obligation, the kept record's stands."""

    def move(kept: int, gone: int) -> Gone:
        rows = model._base_manager.filter(**OWN)
        held = set(rows.filter(holder_id=kept).values_list(*KEY))
        found = rows.filter(holder_id=gone).values_list("pk", *KEY)
        fallen = [pk for pk, *key in found if tuple(key) in held]
        rows.filter(pk__in=fallen).delete()
        rows.filter(holder_id=gone).update(holder_id=kept)
        return [(model._meta.label_lower, pk) for pk in fallen]

    points_to_person(model, "holder_id", record=(model, "pk"), move=move, only=OWN)


def _talks(column: str) -> Callable[[int, int], Gone]:
    """Nobody talks with oneself: a talk between the two falls away, the others go along."""

    def move(kept: int, gone: int) -> Gone:
        between = Talk.objects.filter(first__in=(kept, gone), second__in=(kept, gone))
        fallen = list(between.values_list("pk", flat=True))
        between.delete()
        Talk.objects.filter(**{column: gone}).update(**{column: kept})
        return [("duties.talk", pk) for pk in fallen]

    return move


for _column in ("first_id", "second_id"):
    points_to_person(Talk, _column, record=(Talk, "pk"), move=_talks(_column))
points_to_person(Lapsed, "holder_id", only=OWN)
points_to_person(Credit, "speaker_id")
points_to_person(Credit, "chair_id")
points_to_person(Obligation, "holder_id", move=_obligations, only=OWN)
_excused(Exemption)
_excused(Explanation)
