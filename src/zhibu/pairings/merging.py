"""What links and rotas say of a person who was in the list twice."""

from zhibu.core.merging import Gone, points_to_person
from zhibu.core.verdicts import Refused, no
from zhibu.pairings.models import WHO, WHOM, Change, Link, RollPlace, Rota, Turn, key_of


def _side(name: str, kept: int, gone: int) -> Gone:
    """Links name the one who is kept. Refused where two would then be the same on a day, or link
    somebody to themselves: which is wrong nobody can say but who wrote them."""
    rows = Link.objects.select_for_update(of=("self",)).filter(**{f"{name}_person": gone})
    for link in rows.order_by("pk"):
        setattr(link, f"{name}_person_id", kept)
        both = link.side(WHO), link.side(WHOM)
        if link.state != Link.State.VOIDED:
            link.key = key_of(link.kind, *both)
            twins = Link.objects.overlapping(link.since, link.until).filter(key=link.key)
            if both[0] == both[1] or twins.exclude(pk=link.pk).exists():
                raise Refused(
                    no(
                        f"不能合并：两份资料在“{link.rule.title}”里有一样的联系，或者互相联系。"
                        "先结束或作废其中一个，再合并。"
                    )
                )
        link.save(update_fields=[f"{name}_person", "key"])
    return []


def _who(kept: int, gone: int) -> Gone:
    return _side(WHO, kept, gone)


def _whom(kept: int, gone: int) -> Gone:
    return _side(WHOM, kept, gone)


def _roll(kept: int, gone: int) -> Gone:
    """On a roll twice is on it once."""
    held = RollPlace.objects.filter(person=kept).values("rota")
    RollPlace.objects.filter(person=gone, rota__in=held).delete()
    RollPlace.objects.filter(person=gone).update(person=kept)
    return []


def _turns(kept: int, gone: int) -> Gone:
    """Refused where both stand in one shift: who else does, only who keeps the rota can say."""
    for turn in Turn.objects.filter(person=gone).select_related("rota"):
        twins = Turn.objects.filter(rota=turn.rota_id, on=turn.on, shift=turn.shift, person=kept)
        if twins.exists():
            raise Refused(
                no(
                    f"不能合并：“{turn.rota.title}”{turn.on} 的一班里两份资料都在。"
                    "先换一个人，再合并。"
                )
            )
    Turn.objects.filter(person=gone).update(person=kept)
    return []


points_to_person(Link, "who_person_id", record=(Link, "pk"), move=_who)
points_to_person(Link, "whom_person_id", record=(Link, "pk"), move=_whom)
points_to_person(RollPlace, "person_id", record=(Rota, "rota_id"), move=_roll)
points_to_person(Turn, "person_id", record=(Rota, "rota_id"), move=_turns)
for _field in ("before_id", "after_id"):
    points_to_person(Change, _field, record=(Rota, "rota_id"))
