from django.db import migrations

from zhibu.core.sealing import Words
from zhibu.packs import library

TEXTS = ("text", "long-text")
BATCH = 500


def seal(apps, schema_editor):
    """Seal the words of what came in at a door before they were kept so. A pack that is not here
    any more says nothing of its fields: those rows stay until they are erased."""
    Case = apps.get_model("cases", "Case")
    Turn = apps.get_model("cases", "Turn")
    names = _names()
    for reference, texts in names.items():
        _seal(Case.objects.filter(procedure=reference), ("facts", "began_with"), texts)
        _seal(Turn.objects.filter(case__procedure=reference), ("content",), texts)


def _names():
    """By ``pack:procedure`` with a door, its fields that are words, in any wording."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            for one in wordings:
                if one.item.doorway is not None:
                    specs = [*one.item.fields, *(s for stage in one.item.stages for s in stage.fields)]
                    texts = {spec.id for spec in specs if spec.type in TEXTS}
                    found.setdefault(f"{pack.id}:{one.id}", set()).update(texts)
    return found


def _seal(rows, columns, texts):
    batch = []
    for row in rows.order_by("pk").iterator(BATCH):
        for column in columns:
            kept = getattr(row, column)
            marked = {
                name: Words(value) if name in texts and isinstance(value, str) else value
                for name, value in kept.items()
            }
            setattr(row, column, marked)
        batch.append(row)
        if len(batch) == BATCH:
            rows.model.objects.bulk_update(batch, columns)
            batch = []
    if batch:
        rows.model.objects.bulk_update(batch, columns)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_tickets"),
        ("cases", "0010_words_sealed"),
        ("packs", "0001_initial"),  # the library reads installed packs
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop, elidable=True)]
