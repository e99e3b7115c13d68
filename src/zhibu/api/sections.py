"""How endpoints are written: what they read, what they act, and what each act stands for.

An endpoint is a function of a ``Call`` and the numbers in its address. A ``Section`` makes
it an operation of the API, with its form as OpenAPI and its answers.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Model
from ninja import Router, Schema

from zhibu.api import described
from zhibu.api.calling import KEY, Call, Done, Listed, PageForm
from zhibu.api.models import Receipt
from zhibu.api.security import ACTS, READS

ROOT = "/api/v1"
Endpoint = Callable[..., Any]


class Wrong(Schema):
    """Why something was not answered: ``reason`` is a sentence to show to whoever asked.

    ``basis`` cites the article where there is one; ``faults`` are by field, ``_`` the whole.
    """

    error: str
    reason: str
    basis: str = ""
    faults: dict[str, list[str]] = {}


class KeyTaken(Exception):
    """The key was used for something else: 409."""


@dataclass(frozen=True)
class Operation:
    """One operation, for the table of the documentation and for the tests.

    ``does`` are the actions it stands for, ``path`` as OpenAPI writes it.
    """

    method: str
    path: str
    name: str
    summary: str
    section: str
    does: tuple[Callable[..., Any], ...] = ()


OPERATIONS: list[Operation] = []
_read_at: dict[type[Model], str] = {}


def address_of(row: Model) -> str:
    """Where a row is read; "" where it is not."""
    template = _read_at.get(type(row), "")
    return f"{ROOT}{template.format(pk=row.pk)}" if template else ""


class Section:
    """Endpoints about one thing, under one heading."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.router = Router(tags=[title])

    def listing(
        self, path: str, summary: str, item: type[Schema], form: type[forms.Form] | None = None
    ) -> Callable[[Endpoint], Endpoint]:
        """A list in pages; ``form`` narrows it."""
        known = described.parameters(form) if form else []
        extra = {"parameters": [*known, *described.parameters(PageForm)]}
        return self._reads(path, summary, Listed[item], extra)  # type: ignore[valid-type]

    def one(
        self, path: str, summary: str, answer: Any, of: type[Model] | None = None
    ) -> Callable[[Endpoint], Endpoint]:
        """One thing; ``of`` says that rows of this model are read here."""
        if of is not None:
            _read_at[of] = path.replace("int:", "")
        return self._reads(path, summary, answer, {})

    def file(self, path: str, summary: str, kind: str) -> Callable[[Endpoint], Endpoint]:
        """A document, as the page gives it."""
        content = {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}}
        found = {"responses": {200: {"description": "文件", **content}}}
        return self._reads(path, summary, None, found)

    def _reads(
        self, path: str, summary: str, answer: Any, extra: dict[str, Any]
    ) -> Callable[[Endpoint], Endpoint]:
        def register(function: Endpoint) -> Endpoint:
            def run(request: Any, **found: Any) -> Any:
                return function(Call(request), **found)

            self._add("GET", path, summary, _as_view(run, function), auth=READS, extra=extra,
                      answers={200: answer} if answer else {})  # fmt: skip
            return function

        return register

    def act(
        self,
        path: str,
        summary: str,
        *does: Callable[..., Any],
        form: type[forms.Form] | None = None,
        is_open: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """Something done: the endpoint returns the row that was made or changed.

        ``does`` are the actions it stands for. ``form`` says what is asked, ``is_open`` that
        a pack or the place adds to it. With an ``Idempotency-Key`` it is done once.
        """

        def register(function: Endpoint) -> Endpoint:
            def run(request: Any, **found: Any) -> Any:
                return _once(Call(request), lambda call: function(call, **found))

            extra = {
                "requestBody": described.body(form, is_open=is_open),
                "parameters": [_KEY],
            }
            self._add("POST", path, summary, _as_view(run, function), auth=ACTS, extra=extra,
                      answers={200: Done, 409: Wrong, 422: Wrong}, does=does)  # fmt: skip
            return function

        return register

    def _add(
        self, method: str, path: str, summary: str, view: Endpoint, *, auth: Sequence[Any],
        extra: dict[str, Any], answers: dict[int, Any], does: tuple[Callable[..., Any], ...] = (),
    ) -> None:  # fmt: skip
        wrong = {401: Wrong, 403: Wrong, 404: Wrong, 422: Wrong, 429: Wrong}
        self.router.add_api_operation(
            path, [method], view, auth=auth, response={**answers, **wrong},
            operation_id=view.__name__, summary=summary, openapi_extra=extra,
            url_name=view.__name__,
        )  # fmt: skip
        shown = ROOT + path.replace("int:", "")
        OPERATIONS.append(Operation(method, shown, view.__name__, summary, self.title, does))


_KEY = {
    "name": KEY,
    "in": "header",
    "required": False,
    "description": "同一个键、同样的内容再发一次，不会再办一次。",
    "schema": {"type": "string", "maxLength": 64},
}


def _as_view(run: Endpoint, function: Endpoint) -> Endpoint:
    """``run`` with the name, the words and the address numbers of ``function``."""
    own = inspect.signature(function)
    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    rest = list(own.parameters.values())[1:]
    run.__name__, run.__doc__, run.__module__ = (
        function.__name__,
        function.__doc__,
        function.__module__,
    )
    run.__signature__ = inspect.Signature([first, *rest])  # type: ignore[attr-defined]
    return run


def _once(call: Call, do: Callable[[Call], Any]) -> Any:
    """Do it; under a key once, and then say again what was said.

    The receipt is written in the transaction of the act: what is refused leaves none.
    """
    key = call.key
    if not key:
        return _said(do(call))
    with transaction.atomic():
        receipt, is_new = Receipt.objects.get_or_create(
            user=call.user, key=key, defaults={"asked": call.fingerprint, "at": call.at}
        )
        if not is_new:
            if receipt.asked != call.fingerprint:
                raise KeyTaken
            return receipt.answer
        receipt.answer = _said(do(call))
        receipt.save(update_fields=["answer"])
        return receipt.answer


def _said(made: Any) -> dict[str, Any]:
    """A row, or how many, as ``Done``."""
    match made:
        case Model():
            label = made._meta.label_lower
            return {"kind": label, "id": made.pk, "url": address_of(made)}
        case int():
            return {"count": made}
        case _:
            return {}
