"""The database refuses to change the ledger; see ledger/guard.py."""

from django.db import migrations

from zhibu.ledger import guard


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: guard.install(editor.connection),
            lambda apps, editor: guard.remove(editor.connection),
        )
    ]
