"""What activities say of a person who was in the list twice."""

from zhibu.activities.models import Activity, Leave, Participation
from zhibu.core.merging import Gone, points_to_person

BETTER = {"present": 2, "observer": 1, "absent": 0}


def _participations(kept: int, gone: int) -> Gone:
    """Both at one sitting were one: present if either was. The frozen votes stay as counted."""
    mine = {row.activity_id: row for row in Participation.objects.filter(person=kept)}
    for row in Participation.objects.filter(person=gone):
        twin = mine.get(row.activity_id)
        if twin is None:
            Participation.objects.filter(pk=row.pk).update(person=kept)
            continue
        row.delete()
        if BETTER[row.status] > BETTER[twin.status]:
            twin.status, twin.reason = row.status, row.reason
        twin.is_due = twin.is_due or row.is_due
        twin.is_entitled = twin.is_entitled or row.is_entitled
        twin.asked_beforehand = twin.asked_beforehand or row.asked_beforehand
        twin.save()
    return []


def _leaves(kept: int, gone: int) -> Gone:
    """Leave asked for both was asked once."""
    held = Leave.objects.filter(person=kept).values("activity")
    Leave.objects.filter(person=gone, activity__in=held).delete()
    Leave.objects.filter(person=gone).update(person=kept)
    return []


points_to_person(Participation, "person_id", record=(Activity, "activity_id"), move=_participations)
points_to_person(Leave, "person_id", record=(Activity, "activity_id"), move=_leaves)
for _field in ("chair_id", "recorder_id", "speaker_id"):
    points_to_person(Activity, _field, record=(Activity, "pk"))
