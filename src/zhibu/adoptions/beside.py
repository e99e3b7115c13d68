"""What packs in force say beside the fields of forms."""

from collections import defaultdict
from datetime import date

from zhibu.adoptions import queries
from zhibu.adoptions.addresses import item_url
from zhibu.core import beside
from zhibu.core.beside import Rule
from zhibu.organizations.models import Organization
from zhibu.packs.schema.field_notes import FieldNote


@beside.provides
def rules(form: str, organization: Organization, on: date) -> dict[str, list[Rule]]:
    """Sentences for the fields of ``form``, in the packs' order. Two queries, and one more
    where anything is adopted for the guided."""
    found: dict[str, list[Rule]] = defaultdict(list)
    held = queries.in_force(organization, on, path=organization.path)
    for one in queries.items_of(held, "field-notes", on):
        note = one.wording.item
        assert isinstance(note, FieldNote)
        if organization.kind not in note.applies_to:
            continue
        url = item_url("field-notes", one.reference, organization=organization.pk)
        for place in note.fields:
            name, _, field = place.rpartition(".")
            if name == form:
                found[field].append(Rule(note.text, one.pack.cited(one.wording), url))
    return found
