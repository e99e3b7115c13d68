"""Placements, names and terms of one organisation never overlap in time."""

from django.db import migrations

from zhibu.core.intervals import NoOverlap


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [
        NoOverlap("organizations_placement", ["organization_id"]),
        NoOverlap("organizations_name", ["organization_id"]),
        NoOverlap("organizations_term", ["organization_id"]),
    ]
