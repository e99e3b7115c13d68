"""One action for many rows, looked at before it is done: all of them or none.

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
PAGE = "core/many.html"


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """A row that may be chosen: its number, what it is called, one line about it now."""

    pk: int
    row: T
    title: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """What became, or would become, of a row; ``fault`` is the rule's sentence, "" if done."""

    offer: Offer[T]
    fault: str = ""


class Undone(Exception):
    """Nothing was done, because some rows could not be; ``lines`` has all of them."""

    def __init__(self, lines: "Sequence[Line[Any]]") -> None:
        super().__init__(f"{sum(bool(line.fault) for line in lines)} 行办不了")
        self.lines = lines


def _each(offers: Iterable[Offer[T]], act: Callable[[T], object]) -> list[Line[T]]:
    lines = []
    for offer in sorted(offers, key=lambda offer: offer.pk):
        try:
            with transaction.atomic():
                act(offer.row)
        except Refused as refusal:
            lines.append(Line(offer, refusal.verdict.reason))
        else:
            lines.append(Line(offer))
    return lines


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

    ``act(row, values)`` is the single action with the form's values; ``change(values)`` says
    what it makes of a row. ``context`` is for the page: crumb, about, unit.
    """

    title: str
    offers: Sequence[Offer[T]]
    form: forms.Form
    act: Callable[[T, dict[str, Any]], object]
    change: Callable[[dict[str, Any]], str]
    back: str
    context: dict[str, Any]


def answer(request: SignedInRequest, errand: Errand[T]) -> HttpResponse:
    """The page of an errand: choose, look at what would change and what cannot, do it."""
    form = errand.form
    chosen = ChosenForm([o.pk for o in errand.offers], request.POST or None)
    lines: Sequence[Line[T]] | None = None
    has_failed = False
    if request.method == "POST" and request.POST.get("step") != "again":
        if form.is_valid() & chosen.is_valid():
            picked = [o for o in errand.offers if o.pk in set(chosen.cleaned_data["row"])]
            if chosen.cleaned_data["step"] == "apply":
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
        "most": MOST,
        "chosen": set(request.POST.getlist("row")),
        "has_failed": has_failed,
    }
    if lines is not None:
        context |= {
            "is_preview": True,
            "change": errand.change(form.cleaned_data),
            "will": [line.offer for line in lines if not line.fault],
            "cannot": [line for line in lines if line.fault],
        }
    return render(request, PAGE, context)
