"""Cases as what books of money are about: who sees a case sees its book."""

from typing import TYPE_CHECKING, Any

from zhibu.cases.models import Case
from zhibu.money import subjects
from zhibu.money.models import Book
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User

OPENS = "money.open_book"


def book_of(case: Case, procedure: Procedure) -> Book | None:
    """The book of a case; None where its procedure opens none (no query then), or not yet."""
    bound = (one.effect for stage in procedure.stages for o in stage.outcomes for one in o.effects)
    if OPENS not in bound:
        return None
    return Book.objects.filter(subject_type=subjects.CASE, subject_id=case.pk).first()


def _seen(user: "User") -> Any:
    return Case.objects.visible_to(user).values("pk")


subjects.register(subjects.Subject(subjects.CASE, "事项", "cases:detail", _seen))
