"""The field type ``file`` of ``core.fields``.

A form gives a ``Prepared``; the caller attaches it and stores the ``Attachment``. Kept is
enough to name the file on a page without asking the database.
"""

from dataclasses import dataclass
from typing import Any

from zhibu.core.fields import FieldType, register
from zhibu.files.forms import UploadField
from zhibu.files.intake import Prepared
from zhibu.files.models import Attachment


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored value of type ``file``: the attachment's number and name."""

    id: int
    name: str


def _store(value: Attachment | Kept | Prepared) -> dict[str, Any]:
    """An upload that is not attached yet has no number: enough to judge a form by."""
    if isinstance(value, Prepared):
        return {"id": 0, "name": value.name}
    if isinstance(value, Attachment):
        return {"id": value.pk, "name": value.original_name}
    return {"id": value.id, "name": value.name}


register(
    FieldType(
        name="file",
        control=lambda spec: UploadField(),
        store=_store,
        load=lambda kept: Kept(kept["id"], kept["name"]),
        export=lambda spec, value: value.name,
        show=lambda spec, value: value.name,
    )
)
