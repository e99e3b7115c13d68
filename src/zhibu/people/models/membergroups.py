from django.db import models
from django.db.models import F, Q

from zhibu.core.bytewise import BytewiseCharField
from zhibu.ledger.models import Protected
from zhibu.people.models.persons import Person

LONGEST = 200  # publisher/slug:catalogue/entry


class MemberGrouping(Protected):
    """A person in a member group over ``[since, until)``; the group is a pack's, by token.

    Unlike a party group it is no part of a branch: it goes with the person.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="member_groups")
    group = BytewiseCharField(max_length=LONGEST, db_column="member_group")  # a word of SQL
    since = models.DateField()
    until = models.DateField(null=True)
    put_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    put_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_member_group_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.UniqueConstraint(
                fields=["person", "group"],
                condition=Q(until__isnull=True),
                name="people_one_open_member_group",
            ),
        ]
        indexes = [models.Index(fields=["group", "since"], name="people_member_group")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.group}"
