"""Installing a pack takes two hands: one proposes, another confirms."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core import effects
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.packs import checking, library, rules
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import Pack

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    PROPOSED = "packs:pack:proposed"
    CONFIRMED = "packs:pack:confirmed"
    REFUSED = "packs:pack:refused"


WORDS = {
    Kind.PROPOSED: "提出安装制度包",
    Kind.CONFIRMED: "确认安装制度包",
    Kind.REFUSED: "没有通过制度包",
}


@transaction.atomic
def propose(pack: Pack, *, by: "User", at: datetime) -> StoredPack:
    """Store a pack without faults, held until somebody else confirms it.

    Proposing the same content again changes nothing.

    Raises:
        Refused: not entitled, faults, or it cannot follow what is there.
    """
    require(rules.may_propose(by))
    same = StoredPack.objects.filter(pack=pack.id, version=pack.meta.version).first()
    if same and same.digest == pack.digest and same.state != StoredPack.State.REFUSED:
        return same
    if same:
        raise Refused(no(f"不能安装：{pack.id} {pack.meta.version} 已经有了。改过内容要换版本号。"))
    known = library.packs()
    if checking.problems(pack, known):
        raise Refused(no(f"不能安装：{pack.id} 还有要改的地方，先运行 zhibu check-pack 看一看。"))
    require(rules.may_follow(pack, known.get(pack.id), is_shipped=pack.id in library.shipped()))
    stored = StoredPack.objects.create(
        pack=pack.id,
        version=pack.meta.version,
        title=pack.meta.title,
        digest=pack.digest,
        files=dict(pack.files),
        proposed_by=by,
        proposed_at=at,
    )
    ledger.record(Kind.PROPOSED, stored, organization=None, by=by, at=at)
    return stored


@transaction.atomic
def confirm(stored: StoredPack, *, by: "User", at: datetime) -> StoredPack:
    """Let a held pack into the library; what it obliges to is derived at once.

    Raises:
        Refused: ``rules.may_confirm`` refuses.
    """
    stored = StoredPack.objects.select_for_update().get(pk=stored.pk)
    require(rules.may_confirm(by, stored))
    stored.state = StoredPack.State.CONFIRMED
    stored.settled_by, stored.settled_at = by, at
    stored.save(update_fields=["state", "settled_by", "settled_at"])
    library.forget()
    ledger.record(Kind.CONFIRMED, stored, organization=None, by=by, at=at)
    effects.run("duties.refresh_pack", by=by, at=at, pack=stored.pack)
    effects.run("campaigns.forget", by=by, at=at)
    return stored


@transaction.atomic
def refuse(stored: StoredPack, *, by: "User", at: datetime) -> StoredPack:
    """Turn a held pack down; it stays on record and cannot be adopted."""
    stored = StoredPack.objects.select_for_update().get(pk=stored.pk)
    require(rules.may_confirm(by, stored))
    stored.state = StoredPack.State.REFUSED
    stored.settled_by, stored.settled_at = by, at
    stored.save(update_fields=["state", "settled_by", "settled_at"])
    ledger.record(Kind.REFUSED, stored, organization=None, by=by, at=at)
    return stored
