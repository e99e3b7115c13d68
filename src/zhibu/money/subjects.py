"""What books may be about, told by the areas above that own it: who sees it, and where."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from zhibu.core.paths import nothing

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Seen = Callable[["User"], Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """``type`` as a book stores it. ``seen(user)`` is a query set of the ids that ``user`` sees:
    whoever sees the thing sees its book. ``url_name`` opens it by id; ``title`` names such."""

    type: str
    title: str
    url_name: str
    seen: Seen


CASE = "cases.case"  # what procedures bind: the area of cases registers it
_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    if subject.type in _subjects:
        raise ValueError(f"{subject.type} 登记了两次")
    _subjects[subject.type] = subject


def of(type_: str) -> Subject | None:
    return _subjects.get(type_)


def seen_by(user: "User") -> Q:
    """Books about something that ``user`` sees; none where nobody registered anything."""
    found = nothing()
    for subject in _subjects.values():
        found |= Q(subject_type=subject.type, subject_id__in=subject.seen(user))
    return found
