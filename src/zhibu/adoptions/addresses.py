"""Where a rule can be read: every 依据 of every area leads here."""

from datetime import date

from django.urls import reverse
from django.utils.http import urlencode


def item_url(
    kind: str, reference: str, *, organization: int | None = None, on: date | None = None
) -> str:
    """The page of an item, ``publisher/slug:item``, as it stands for an organisation on a day."""
    pack, _, item = reference.partition(":")
    publisher, _, slug = pack.partition("/")
    address = reverse("adoptions:item", args=[publisher, slug, kind, item])
    asked = {"organization": organization, "on": on.isoformat() if on else None}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{address}?{query}" if query else address


def pack_url(pack_id: str) -> str:
    """The page of a pack."""
    return reverse("adoptions:pack", args=pack_id.split("/"))


def anchor(kind: str, reference: str) -> str:
    """The id of an item's row on the in-force page: publisher-slug-item for what is owed."""
    name = reference.replace("/", "-").replace(":", "-")
    return name if kind == "duties" else f"{kind}-{name}"
