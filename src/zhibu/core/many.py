"""One action for many rows, looked at before it is done: all of them or none, or where an
errand says so each on its own.

The preview is a rehearsal: the single action runs for every row in a transaction that is
taken back, so that what it says of each row is what the action itself says. What is done
leaves the same entries in the ledger as done by hand, row by row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from zhibu.core import effects, standing
from zhibu.core.http import SignedInRequest, saved
from zhibu.core.verdicts import Refused

T = TypeVar("T")
MOST = 20  # a turn holds the write lock as long as it takes
MOST_EACH = 50  # each on its own: the lock is let go in between
PAGE = "core/many.html"


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """A row that may be chosen: its number, what it is called, one line about it now, and
    where the page of it is, if it has one."""

    pk: int
    row: T
    title: str
    line: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """What became, or would become, of a row; ``fault`` is the rule's sentence, "" if done.
    ``says`` is what the action said of what it did."""

    offer: Offer[T]
    fault: str = ""
    says: str = ""


class Undone(Exception):
    """Nothing was done, because some rows could not be; ``lines`` has all of them."""

    def __init__(self, lines: "Sequence[Line[Any]]") -> None:
        super().__init__(f"{sum(bool(line.fault) for line in lines)} 行办不了")
        self.lines = lines


def _each(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    return [_one(offer, act) for offer in _in_order(offers)]


def _in_order(offers: Iterable[Offer[T]]) -> list[Offer[T]]:
    return sorted(offers, key=lambda offer: offer.pk)


def _one(offer: Offer[T], act: Callable[[T], object]) -> Line[T]:
    try:
        with transaction.atomic():
            said = act(offer.row)
    except Refused as refusal:
        return Line(offer, refusal.verdict.reason)
    return Line(offer, says=said if isinstance(said, str) else "")


def rehearse(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    """What ``act`` would say of each row, in the order of their numbers; nothing is kept."""
    with transaction.atomic(), effects.gathered(is_kept=False):
        lines = _each(offers, act)
        transaction.set_rollback(True)
    standing.forget()
    return lines


@transaction.atomic
def do(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    """Run ``act`` for every row; what they put off (duties brought up to date) is done once.

    Raises:
        Undone: it refuses for some of them; then none is done.
    """
    with effects.gathered():
        lines = _each(offers, act)
        if any(line.fault for line in lines):
            standing.forget()
            raise Undone(lines)
    return lines


def rehearse_each(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    """As ``rehearse``, where each row is done in a transaction of its own: no row sees what
    another would have left."""
    return [line for offer in _in_order(offers) for line in rehearse([offer], act)]


def do_each(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    """Run ``act`` for each row in a transaction of its own; one that cannot be done keeps no
    other from being done, and the write lock is let go in between."""
    lines = []
    for offer in _in_order(offers):
        with transaction.atomic(), effects.gathered():
            lines.append(_one(offer, act))
        if lines[-1].fault:
            standing.forget()
    return lines


class ChosenForm(forms.Form):
    """Which rows, and whether to look or to do."""

    row = forms.TypedMultipleChoiceField(
        label="选哪些", coerce=int, error_messages={"required": "请至少勾一个。"}
    )
    step = forms.ChoiceField(choices=[("preview", "看一遍"), ("apply", "办理")])

    def __init__(self, offered: Iterable[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["row"].choices = [(pk, str(pk)) for pk in offered]  # type: ignore[attr-defined]


@dataclass
class Errand(Generic[T]):
    """What is to be done to whichever of ``offers`` are chosen.

    ``act(row, values)`` is the single action with the form's values; what it returns as text
    is said of the row. ``change(values)`` says what it makes of a row. ``is_each``: what can be
    done is done, each on its own, and a page names what was and what was not. ``context`` is
    for the page: crumb, about, unit.
    """

    title: str
    offers: Sequence[Offer[T]]
    form: forms.Form
    act: Callable[[T, dict[str, Any]], object]
    change: Callable[[dict[str, Any]], str]
    back: str
    context: dict[str, Any]
    is_each: bool = False

    @property
    def most(self) -> int:
        """How many at a turn."""
        return MOST_EACH if self.is_each else MOST


def answer(request: SignedInRequest, errand: Errand[T]) -> HttpResponse:
    """The page of an errand: choose, look at what would change and what cannot, do it."""
    form = errand.form
    chosen = ChosenForm([o.pk for o in errand.offers], request.POST or None)
    lines: Sequence[Line[T]] | None = None
    has_failed = is_result = False
    if request.method == "POST" and request.POST.get("step") != "again":
        if form.is_valid() & chosen.is_valid():
            picked = [o for o in errand.offers if o.pk in set(chosen.cleaned_data["row"])]
            if errand.is_each:
                is_result = chosen.cleaned_data["step"] == "apply"
                run = do_each if is_result else rehearse_each
                lines = run(picked, lambda row: errand.act(row, form.cleaned_data))
            elif chosen.cleaned_data["step"] == "apply":
                try:
                    done = do(picked, lambda row: errand.act(row, form.cleaned_data))
                except Undone as undone:
                    lines, has_failed = undone.lines, True
                else:
                    unit = errand.context["unit"]
                    saved(request, f"{errand.title}：{len(done)} {unit}，都办好了。")
                    return redirect(errand.back)
            else:
                lines = rehearse(picked, lambda row: errand.act(row, form.cleaned_data))
        elif "row" in chosen.errors:
            form.add_error(None, "请至少勾一个，只能勾列出来的。")
    context = errand.context | {
        "title": errand.title,
        "offers": errand.offers,
        "form": form,
        "back": errand.back,
        "most": errand.most,
        "chosen": set(request.POST.getlist("row")),
        "has_failed": has_failed,
    }
    if lines is not None:
        context |= {
            "is_preview": not is_result,
            "is_result": is_result,
            "change": errand.change(form.cleaned_data),
            "will": [line for line in lines if not line.fault],
            "cannot": [line for line in lines if line.fault],
        }
    return render(request, PAGE, context)
