from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import (
    Asked,
    May,
    OfOrganization,
    Ref,
    Said,
    may,
    organization_for,
    said,
)
from zhibu.api.sections import Section
from zhibu.core import standing
from zhibu.core.forms import day, line
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers import actions, queries, rules
from zhibu.registers.forms import CloseForm, CorrectForm, RowForm, VoidForm
from zhibu.registers.models import Row, latest
from zhibu.registers.queries import VIEWS, Scope

section = Section("台账")


class BooksFilter(forms.Form):
    """Whose registers: rows at the organisation and below it are counted."""

    is_filter = True
    organization = forms.IntegerField(label="哪个组织", min_value=1)


class RowsFilter(OfOrganization):
    """Rows of one register on a day, below an organisation where one is given."""

    book = line("哪一本台账", longest=160, hint="包编号:台账编号。")
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    counted = line("哪一种", longest=60, required=False, hint="选项编号。")
    q = line("名称", longest=60, required=False)
    on = day("哪天", required=False)


class GapsFilter(BooksFilter):
    book = line("哪一本台账", longest=160, hint="包编号:台账编号。")
    on = day("哪天", required=False)


class BookLine(Schema):
    book: str
    title: str
    valid: int
    running_out: int
    is_in_force: bool
    basis: str
    columns: list[Asked]


class RowLine(Schema):
    id: int
    title: str
    book: str
    organization: Ref
    number: str
    since: date
    until: date | None
    standing: str
    values: list[Said]


class ChangeOut(Schema):
    """What was changed: of each column what stood there before."""

    kind: str
    reason: str
    by: str
    before: list[Said]


class RowOut(RowLine):
    state: str
    ended_as: str
    reason: str
    changes: list[ChangeOut]
    may: dict[str, May]


def _place(call: Call, pk: int) -> Organization:
    return organization_for(call, pk)


@section.listing("/registers", "台账：在用的和有记录的", BookLine, BooksFilter)
def registers(call: Call) -> dict[str, Any]:
    asked = call.filled(BooksFilter(data=call.query))
    books = queries.shown_books(call.user, _place(call, asked["organization"]), call.today)
    return call.page(
        books,
        lambda some: [
            BookLine(
                book=book.reference, title=book.rule.title, valid=book.valid,
                running_out=book.running_out, is_in_force=book.is_in_force, basis=book.cited,
                columns=Asked.of(book.rule.columns),
            )
            for book in some
        ],
    )  # fmt: skip


def _rule(call: Call, reference: str) -> Register:
    """The latest wording; 404 where there is none or it is nothing to this user."""
    rule = latest(reference)
    if rule is None or not queries.may_know(call.user, reference, rule):
        raise Http404
    return rule


def _line(call: Call, row: Row, on: date) -> dict[str, Any]:
    pairs = queries.seen(call.user, row, row.rule)
    return {
        "id": row.pk, "title": row.title, "book": row.register,
        "organization": Ref.to(row.organization), "number": row.called_number,
        "since": row.since, "until": row.until, "standing": row.standing_on(on),
        "values": said((spec.title, text) for spec, text in pairs),
    }  # fmt: skip


@section.listing("/registers/rows", "一本台账的行，按组织先后", RowLine, RowsFilter)
def register_rows(call: Call) -> dict[str, Any]:
    asked = call.filled(RowsFilter(data=call.query))
    _rule(call, asked["book"])
    place = _place(call, asked["organization"]) if asked["organization"] else None
    scope = Scope(call.user, asked["book"], asked["on"] or call.today, place)
    rows = scope.looked_at(asked["view"] or "valid", asked["counted"], asked["q"])
    return call.page(
        queries.with_named(rows),
        lambda some: [RowLine(**_line(call, row, scope.on)) for row in some],
    )


@section.listing("/registers/gaps", "应有台账没有的组织，按代码", Ref, GapsFilter)
def register_gaps(call: Call) -> dict[str, Any]:
    asked = call.filled(GapsFilter(data=call.query))
    rule, place = _rule(call, asked["book"]), _place(call, asked["organization"])
    if rule.gaps is None or not standing.may(call.user, "registers.view", place.path):
        raise Http404
    scope = Scope(call.user, asked["book"], asked["on"] or call.today, place)
    return call.page(queries.gaps(scope, place), lambda some: [Ref.to(unit) for unit in some])


def _row_for(call: Call, pk: int) -> Row:
    rows = Row.objects.visible_to(call.user).select_related("organization__parent")
    return call.find(rows.prefetch_related("mentions"), pk=pk)


@section.one("/registers/rows/{int:pk}", "台账的一行：写了什么，改过什么", RowOut, Row)
def register_row(call: Call, pk: int) -> RowOut:
    row, user = _row_for(call, pk), call.user
    return RowOut(
        **_line(call, row, call.today),
        state=row.state,
        ended_as=row.ended_as,
        reason=row.reason,
        changes=[
            ChangeOut(kind=one.word, reason=one.reason, by=one.by, before=said(one.before))
            for one in queries.history(user, row)
        ],
        may=may(
            correct_row=rules.may_correct(user, row), close_row=rules.may_close(user, row),
            void_row=rules.may_void(user, row),
        ),
    )  # fmt: skip


@section.act(
    "/organizations/{int:pk}/registers/{publisher}/{slug}/{name}", "在台账里登记一行",
    actions.open_row, form=RowForm, is_open=True,
)  # fmt: skip
def open_row(call: Call, pk: int, publisher: str, slug: str, name: str) -> Row:
    """The columns that ``/registers`` tells, ``since`` and ``until``."""
    found, named = organization_for(call, pk), f"{publisher}/{slug}:{name}"
    held = queries.registers(found, call.today).get(named)
    if held is None or not standing.may(call.user, "registers.view", found.path):
        raise Http404
    rule = held.wording.item
    assert isinstance(rule, Register)
    require(rules.may_open(call.user, found, rule))
    form = RowForm(rule, found, call.today, data=call.data, has_until=rule.ends != "open")
    return actions.open_row(
        found, call.valid(form).draft(), register=named, wording=held.wording.since,
        by=call.user, at=call.at,
    )  # fmt: skip


@section.act(
    "/registers/rows/{int:pk}/correct",
    "更正台账的一行",
    actions.correct_row,
    form=CorrectForm,
    is_open=True,
)
def correct_row(call: Call, pk: int) -> Row:
    """Every column as it should be, ``since``, ``until`` and the reason."""
    row = _row_for(call, pk)
    require(rules.may_correct(call.user, row))
    form = call.valid(CorrectForm(row, call.today, data=call.data))
    return actions.correct_row(
        row, form.draft(), reason=form.cleaned_data["reason"], by=call.user, at=call.at
    )


@section.act(
    "/registers/rows/{int:pk}/close", "结束台账的一行", actions.close_row, form=CloseForm,
    is_open=True,
)  # fmt: skip
def close_row(call: Call, pk: int) -> Row:
    row = _row_for(call, pk)
    require(rules.may_close(call.user, row))
    asked = call.filled(CloseForm(row.rule, data=call.data))
    return actions.close_row(row, **asked, by=call.user, at=call.at)


@section.act("/registers/rows/{int:pk}/void", "作废台账的一行", actions.void_row, form=VoidForm)
def void_row(call: Call, pk: int) -> Row:
    row = _row_for(call, pk)
    require(rules.may_void(call.user, row))
    asked = call.filled(VoidForm(data=call.data))
    return actions.void_row(row, **asked, by=call.user, at=call.at)
