"""Entries, their lines and quantities are written once, each in its own book: the database refuses
to change them."""

from django.db import migrations

from zhibu.ledger import guard as ledger
from zhibu.money import guard


def install(apps, editor):
    ledger.install(editor.connection, guard.ONCE)
    guard.install(editor.connection)


def remove(apps, editor):
    guard.remove(editor.connection)
    ledger.remove(editor.connection, guard.ONCE)


class Migration(migrations.Migration):
    dependencies = [("money", "0001_initial"), ("ledger", "0003_signing_and_publication")]

    operations = [migrations.RunPython(install, remove)]
