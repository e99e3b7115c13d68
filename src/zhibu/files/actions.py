"""Adding and removing files of a record."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core.jobs import every
from zhibu.core.verdicts import require
from zhibu.files import rules, storage
from zhibu.files.intake import Prepared
from zhibu.files.models import Attachment
from zhibu.ledger import actions as ledger

if TYPE_CHECKING:
    from zhibu.accounts.models import User


GRACE = timedelta(days=1)  # an upload may still be waiting for its transaction


class Kind(StrEnum):
    ADDED = "files:attachment:added"
    REMOVED = "files:attachment:removed"


WORDS = {Kind.ADDED: "加了附件", Kind.REMOVED: "移除了附件"}


@transaction.atomic
def attach(
    prepared: Prepared,
    *,
    owner_type: str,
    owner_id: int,
    organization: int | None,
    by: "User",
    at: datetime,
) -> Attachment:
    """Add a cleaned upload to a record; it is on disk before the row commits.

    Raises:
        Refused: the owner's rule refuses, or the record has too many files.
    """
    live = Attachment.objects.live().filter(owner_type=owner_type, owner_id=owner_id)
    list(live.select_for_update().order_by("pk").values_list("pk"))  # one after the other
    require(rules.may_attach(by, owner_type, owner_id, present=live.count()))
    sha256, stored_name = storage.put(prepared.content, prepared.extension)
    attachment = Attachment.objects.create(
        sha256=sha256,
        stored_name=stored_name,
        original_name=prepared.name,
        content_type=prepared.content_type,
        size=len(prepared.content),
        owner_type=owner_type,
        owner_id=owner_id,
        organization_id=organization,
        added_by=by,
        added_at=at,
    )
    ledger.record(Kind.ADDED, attachment, organization=organization, by=by, at=at)
    return attachment


@transaction.atomic
def remove(attachment: Attachment, *, by: "User", at: datetime) -> Attachment:
    """Take a file off its record: nobody can open it any more, the bytes go within a day or two.

    Raises:
        Refused: ``rules.may_remove`` refuses.
    """
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    require(rules.may_remove(by, attachment))
    attachment.removed_by, attachment.removed_at = by, at
    attachment.save(update_fields=["removed_by", "removed_at"])
    ledger.record(Kind.REMOVED, attachment, organization=attachment.organization_id, by=by, at=at)
    return attachment


@every("20 3 * * *", name="files.sweep")
def sweep(at: datetime) -> int:
    """Delete what no live attachment names and nobody touched for a day; how many files."""
    wanted = set(Attachment.objects.live().values_list("stored_name", flat=True))
    return storage.sweep(wanted, before=at - GRACE)
