"""Members from a workbook: read, checked against one another and the database, written."""

from collections.abc import Collection

from zhibu.accounts.models import User
from zhibu.imports import targets
from zhibu.imports.targets import Made, Target
from zhibu.people.importing import checking, writing
from zhibu.people.importing.words import WORDS
from zhibu.people.models import Belonging, Person


def _named(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Person.all_rows.filter(pk__in=ids)
    return {row.pk: (row.name, row.get_absolute_url()) for row in rows}


def _with_account(batch: int) -> dict[int, str]:
    """Users know their person by number only."""
    mine = Person.all_rows.filter(batch=batch).values("pk")
    held = User.objects.filter(person_id__in=mine).values_list("person_id", flat=True)
    return {pk: "有账号" for pk in held if pk is not None}


def _homes(batch: int) -> set[int]:
    """Branches of a batch's people, at home or as guests, that are not of the batch."""
    rows = Person.all_rows.filter(batch=batch).exclude(home__batch=batch)
    homes = {pk for pk in rows.values_list("home", flat=True).distinct() if pk is not None}
    guests = Belonging.objects.filter(person__batch=batch, kind=Belonging.Kind.HOST)
    hosts = guests.exclude(organization__batch=batch).values_list("organization", flat=True)
    return {*homes, *hosts}


TARGET = Target(
    name=checking.NAME,
    title="党员",
    order=20,
    words=WORDS,
    check=checking.check,
    count=writing.count,
    write=writing.write,
    conclude=writing.conclude,
    makes=(
        Made(
            Person,
            "人员",
            _named,
            rests_elsewhere=_with_account,
            homes=_homes,
            hide=writing.hide,
        ),
    ),
)
targets.register(TARGET)
targets.reasons(
    {
        "people.person": "有人在这里",
        "people.belonging": "有人在这里",
        "people.groupmembership": "有人在这个小组",
        "people.holding": "有人在这里任职",
        "people.opening": "有人看过资料页，本人查得到",
        "people.membergrouping": "编过类别",
        "people.consent": "记过本人的意思",
        "people.correction": "本人提过更正",
        "people.merge": "和另一份资料合并过",
        "people.notsame": "核对过不是重复的人",
        "people.handover": "在职务交接清单上",
    }
)
