"""Keeping a list's filter for oneself: a convenience of one's own, so the ledger says nothing."""

from datetime import datetime

from django.db import transaction

from zhibu.accounts.models import SavedFilter, User
from zhibu.core.filters import Kept
from zhibu.core.verdicts import YES, Refused, Verdict, no, require

MOST = 20
NOTHING = no("没有可以存的：先选好条件，再存。身份证号、电话不能存。")


def may_save(user: User, kept: Kept, name: str, *, but: SavedFilter | None = None) -> Verdict:
    """Whether ``user`` has room for one more, and no other of that name on the list."""
    mine = list(SavedFilter.objects.visible_to(user).values_list("pk", "page", "name"))
    if but is None and len(mine) >= MOST:
        return no(f"不能再存：最多存 {MOST} 个。请先删掉不用的。")
    same = [pk for pk, page, called in mine if (page, called) == (kept.url_name, name)]
    if [pk for pk in same if but is None or pk != but.pk]:
        return no(f"{kept.title}里已经有一个叫“{name}”的，请换个名字。")
    return YES


@transaction.atomic
def save(kept: Kept, query: str, *, name: str, by: User, at: datetime) -> SavedFilter:
    """Keep ``query`` of a list under ``name``.

    Raises:
        Refused: ``may_save`` refuses; ``query`` is "", nothing to keep.
    """
    User.objects.select_for_update().get(pk=by.pk)
    if not query:
        raise Refused(NOTHING)
    require(may_save(by, kept, name))
    return SavedFilter.objects.create(
        user=by, page=kept.url_name, name=name, query=query, saved_at=at
    )


@transaction.atomic
def rename(saved: SavedFilter, kept: Kept, *, name: str, by: User) -> SavedFilter:
    """Call it something else.

    Raises:
        Refused: another of one's filters on that list has the name.
    """
    User.objects.select_for_update().get(pk=by.pk)
    saved = SavedFilter.objects.visible_to(by).get(pk=saved.pk)
    require(may_save(by, kept, name, but=saved))
    saved.name = name
    saved.save(update_fields=["name"])
    return saved


@transaction.atomic
def delete(saved: SavedFilter, *, by: User) -> None:
    SavedFilter.objects.visible_to(by).filter(pk=saved.pk).delete()
