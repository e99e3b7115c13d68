"""One call of the API: who asks, what was sent, what is wrong with it.

What is sent is judged by the forms of the pages, so that there is one truth about it: JSON
becomes what a browser would have posted, and every fault comes back under its field.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from ninja import Schema

from zhibu.accounts.models import User
from zhibu.api.models import Token
from zhibu.core.encryption import keyed_hash
from zhibu.core.http import SignedInRequest
from zhibu.people.forms import PersonField

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)
AnyForm = TypeVar("AnyForm", bound=forms.BaseForm)

WHOLE = "_"  # faults that are about no single field
KEY = "Idempotency-Key"
LONGEST_KEY = 64
USUAL_SIZE, MOST_ROWS, LAST_PAGE = 30, 100, 10_000
PAGED = ("page", "size")


class Faults(Exception):
    """What was sent cannot be used; every fault by its field."""

    def __init__(self, faults: Mapping[str, Sequence[str]]) -> None:
        super().__init__(str(faults))
        self.faults = {name: list(texts) for name, texts in faults.items()}


class PageForm(forms.Form):
    """Which part of a list: pages are counted from 1."""

    is_filter = True
    page = forms.IntegerField(label="第几页", required=False, min_value=1, max_value=LAST_PAGE)
    size = forms.IntegerField(
        label="一页几行", required=False, min_value=1, max_value=MOST_ROWS
    )  # fmt: skip


class Listed(Schema, Generic[T]):
    """A part of a list; ``next`` is the number of the next page, null on the last."""

    items: list[T]
    next: int | None


class Done(Schema):
    """What an act made or changed: ``url`` is where it is read, "" where it is not.

    ``count`` is told where several were touched.
    """

    kind: str = ""
    id: int | None = None
    url: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Call:
    """A request of somebody known, behind the authentication of the API."""

    request: SignedInRequest

    @property
    def user(self) -> User:
        return self.request.user

    @property
    def token(self) -> Token | None:
        """None where a browser's session asks, which only reads."""
        known = getattr(self.request, "auth", None)
        return known if isinstance(known, Token) else None

    @cached_property
    def at(self) -> Any:
        return timezone.now()

    @cached_property
    def today(self) -> Any:
        return timezone.localdate(self.at)

    # --- what was sent

    @cached_property
    def data(self) -> "Posted":
        """The JSON object of the body as a browser would have posted it."""
        return _posted(_object(self.request.body))

    @property
    def query(self) -> MultiValueDict[str, str]:
        """The query string without what chooses the page."""
        found = self.request.GET.copy()
        for name in PAGED:
            found.pop(name, None)
        return found

    @property
    def key(self) -> str:
        """The key under which this may be done once; "" where none was sent."""
        key = str(self.request.headers.get(KEY, ""))
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise Faults({KEY: [f"最多 {LONGEST_KEY} 个字，不要有看不见的字符。"]})
        return key

    @property
    def fingerprint(self) -> str:
        """What tells this request from another under the same key."""
        body = self.request.body.decode("utf-8", "replace")
        text = f"{self.request.method} {self.request.get_full_path()}\n{body}"
        return keyed_hash(text, purpose="api-receipt")

    # --- find, validate, answer

    def find(self, rows: QuerySet[Row], **by: Any) -> Row:
        """The one row, or 404 where this user may not even know of it."""
        found: Row | None = rows.filter(**by).first()
        if found is None:
            raise Http404
        return found

    def valid(self, form: AnyForm) -> AnyForm:
        """``form``, bound to ``data`` or ``query``, once it is valid.

        Raises:
            Faults: everything wrong with it, names that it does not know included.
        """
        _fit(form)
        unknown = [name for name in form.data if name not in form.fields]
        faults = {name: ["没有这一项，请核对写法。"] for name in unknown}
        if not form.is_valid():
            faults |= faults_of(form)
        if faults:
            raise Faults(faults)
        return form

    def filled(self, form: forms.BaseForm) -> dict[str, Any]:
        """The cleaned values of ``form``; see ``valid``."""
        cleaned: dict[str, Any] = self.valid(form).cleaned_data
        return cleaned

    def page(
        self, rows: QuerySet[Row] | Sequence[Any], show: Callable[[list[Any]], Iterable[T]]
    ) -> dict[str, Any]:
        """The part of ``rows`` that is asked for, in words. ``rows`` are in a stable order."""
        sent = {name: self.request.GET[name] for name in PAGED if name in self.request.GET}
        asked = self.filled(PageForm(data=MultiValueDict({n: [v] for n, v in sent.items()})))
        number, size = asked["page"] or 1, asked["size"] or USUAL_SIZE
        start = (number - 1) * size
        found = list(rows[start : start + size + 1])
        has_more = len(found) > size and number < LAST_PAGE
        return {"items": list(show(found[:size])), "next": number + 1 if has_more else None}


def faults_of(form: forms.BaseForm) -> dict[str, list[str]]:
    """Every fault of a form by field; those of the whole under ``WHOLE``."""
    return {
        (WHOLE if name == "__all__" else name): [str(text) for text in texts]
        for name, texts in form.errors.items()
    }


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Faults({WHOLE: ["请求内容不是 JSON，请核对。"]}) from error
    if not isinstance(found, dict):
        raise Faults({WHOLE: ["请求内容要是一个 JSON 对象：{…}。"]})
    return found


class Posted(MultiValueDict[str, str]):
    """What a browser would have posted; which of it was written as a number or as a yes."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: set[str] = set()
        self.yesses: set[str] = set()


def _posted(sent: dict[str, Any]) -> Posted:
    """Each value as text; a list is a field that is sent several times, null one that is not."""
    found = Posted()
    faults: dict[str, list[str]] = {}
    for name, value in sent.items():
        values = value if isinstance(value, list) else [value]
        try:
            _text(name)
            texts = [_text(one) for one in values if one is not None]
        except ValueError as error:
            faults[name.encode("utf-8", "replace").decode()] = [str(error)]
            continue
        if texts or isinstance(value, list):
            found.setlist(name, texts)
        if any(isinstance(one, bool) for one in values):
            found.yesses.add(name)
        elif any(isinstance(one, int) for one in values):
            found.numbers.add(name)
    if faults:
        raise Faults(faults)
    return found


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise ValueError("有存不了的字符，请删去。")
            return value
        case dict() | list():
            raise ValueError("要写文字、数、是否，或者它们的列表。")
        case _:
            return str(value)


def _fit(form: forms.BaseForm) -> None:
    """Yesses and numbers as the controls of ``form`` read them."""
    data = form.data
    if not isinstance(data, Posted):
        return
    for name in data.yesses:
        if isinstance(form.fields.get(name), forms.ChoiceField):
            said = {"true": "yes", "false": "no"}
            data.setlist(name, [said.get(text, text) for text in data.getlist(name)])
    for name in data.numbers:
        if isinstance(form.fields.get(name), PersonField):
            data.setlist(name, [f"#{text}" for text in data.getlist(name)])
