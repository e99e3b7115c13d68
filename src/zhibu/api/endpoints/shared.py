"""What answers of several sections are made of."""

from collections.abc import Iterable
from typing import Any, Self

from django import forms
from django.http import HttpRequest
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.core.fields import FieldSpec
from zhibu.core.verdicts import Verdict
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Ref(Schema):
    """Something named by its number."""

    id: int
    name: str

    @classmethod
    def of(cls, row: Organization | Person | None) -> Self | None:
        return cls.to(row) if row else None

    @classmethod
    def to(cls, row: Organization | Person) -> Self:
        return cls(id=row.pk, name=row.called if isinstance(row, Organization) else row.name)


class May(Schema):
    """Whether something may be done now, and why not."""

    allowed: bool
    reason: str = ""
    basis: str = ""


def may(**verdicts: Verdict) -> dict[str, May]:
    """Verdicts of the rules by the name of the operation they are about."""
    return {
        name: May(allowed=verdict.allowed, reason=verdict.reason, basis=verdict.basis)
        for name, verdict in verdicts.items()
    }


class Asked(Schema):
    """A field that a pack or the place asks: how it is called and what may be written."""

    id: str
    title: str
    type: str
    required: bool
    hint: str = ""
    unit: str = ""
    choices: dict[str, str] = {}

    @classmethod
    def of(cls, specs: Iterable[FieldSpec]) -> list[Self]:
        return [
            cls(
                id=spec.id, title=spec.title, type=spec.type, required=spec.required,
                hint=spec.hint, unit=spec.unit, choices={c.id: c.title for c in spec.choices},
            )
            for spec in specs
        ]  # fmt: skip


class Said(Schema):
    """One thing that was written, in words."""

    title: str
    text: str


def said(pairs: Iterable[tuple[str, str]]) -> list[Said]:
    return [Said(title=title, text=text) for title, text in pairs]


class OfOrganization(forms.Form):
    """A list narrowed to one organisation, by its number."""

    is_filter = True
    organization = forms.IntegerField(label="哪个组织", required=False, min_value=1)


def organization_for(call: Call, pk: int) -> Organization:
    """The organisation, or 404 where this user may not see it."""
    seen = Organization.objects.visible_to(call.user)
    return call.find(seen.select_related("parent"), pk=pk)


def page_of(view: Any, call: Call, *args: Any, **words: Any) -> Any:
    """The answer of a page that gives a file: the same file to the byte."""
    request: HttpRequest = call.request
    return view(request, *args, **words)
