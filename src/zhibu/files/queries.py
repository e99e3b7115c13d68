"""Which files a record has, and whether the disk still holds what was recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from zhibu.files import storage
from zhibu.files.models import Attachment


def of(owner_type: str, owner_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """Live files by record, oldest first. One query."""
    found: dict[int, list[Attachment]] = defaultdict(list)
    rows = Attachment.objects.live().filter(owner_type=owner_type, owner_id__in=owner_ids)
    for row in rows.order_by("pk"):
        found[row.owner_id].append(row)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file on disk that is not what was recorded."""

    kind: str
    subject: str
    detail: str


def damages() -> Iterator[Damage]:
    """Live files that are missing or altered on disk. Reads every file once."""
    for row in Attachment.objects.live().order_by("pk").iterator(500):
        subject = f"files.attachment:{row.pk}"
        found = storage.digest(row.stored_name)
        if found is None:
            yield Damage("file-missing", subject, "附件不在数据目录里")
        elif found != row.sha256:
            yield Damage("file-altered", subject, "附件与存证时不同")
