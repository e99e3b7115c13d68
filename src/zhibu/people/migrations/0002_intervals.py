"""States, belongings and group memberships of one person never overlap in time."""

from django.db import migrations

from zhibu.core.intervals import NoOverlap


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        NoOverlap("people_membershipstate", ["person_id"]),
        NoOverlap("people_belonging", ["person_id", "kind"]),
        NoOverlap("people_groupmembership", ["person_id"]),
    ]
