"""Tags used on most pages: icons, states, dates as people write them."""

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

STATES: dict[str, tuple[str, str, str]] = {
    "done": ("ok", "s-ok", "已办"),
    "late": ("late", "s-late", "补记"),
    "after": ("ok", "s-ok", "逾期"),
    "open": ("due", "s-due", "待办"),
    "overdue": ("miss", "s-miss", "未办"),
    "exempt": ("free", "s-free", "免"),
    "not_applicable": ("na", "s-na", "不适用"),
}


@cache
def _sprite() -> str:
    """Its address does not change while a process runs."""
    return static("icons.svg")


@register.simple_tag
@lru_cache(200, typed=True)
def icon(name: str) -> SafeString:
    """A stroke icon from the sprite, always beside a word."""
    return format_html(
        '<svg class="z-ic" aria-hidden="true"><use href="{}#i-{}"></use></svg>', _sprite(), name
    )


@register.simple_tag
@lru_cache(1000, typed=True)
def state(name: str, word: str = "", extra: str = "") -> SafeString:
    """A state: shape, word, colour. ``word`` replaces the usual one, ``extra`` adds a class.

    A table has hundreds of them and few that differ; typed, so that safe text is another.
    """
    css, shape, usual = STATES[name]
    return format_html(
        '<span class="z-st z-st-{} {}">{}{}</span>', css, extra, icon(shape), word or usual
    )


@register.simple_tag(takes_context=True)
def day(
    context: dict[str, Any], value: date | datetime | None, *, full: bool = False
) -> SafeString:
    """<time>11月20日</time>; another year, or ``full``, is named."""
    if value is None:
        return format_html("<span class='z-faint'>{}</span>", "不清楚")
    plain = timezone.localdate(value) if isinstance(value, datetime) else value
    text = f"{plain.month}月{plain.day}日"
    if full or plain.year != timezone.localdate().year:
        text = f"{plain.year}年{text}"
    return format_html('<time datetime="{}">{}</time>', plain.isoformat(), text)


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """<time>11月20日 14:30</time>, local time."""
    if value is None:
        return format_html("<span class='z-faint'>{}</span>", "不清楚")
    local = timezone.localtime(value)
    year = "" if local.year == timezone.localdate().year else f"{local.year}年"
    return format_html(
        '<time datetime="{}">{}{}月{}日 {}</time>',
        local.isoformat(timespec="minutes"),
        year,
        local.month,
        local.day,
        f"{local:%H:%M}",
    )


@register.filter
def wrong(field: Any) -> str:
    """The class of a field that has errors."""
    return "z-wrong" if field.errors else ""


@register.filter
def faults(form: Any) -> int:
    """How many things a form has to put right."""
    return sum(len(errors) for errors in form.errors.values())


@register.filter
def anchor(field: Any) -> str:
    """The id a link to a field leads to: of a group of choices, its first control."""
    return f"{field.auto_id}_0" if field.use_fieldset else str(field.id_for_label)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping by a variable key; "" where there is none."""
    return mapping.get(key, "")


@register.filter
def first_sentence(text: str) -> str:
    """What is refused, for the heading: 不能表决：到会人数不够。"""
    return text.partition("。")[0]


@register.filter
def other_sentences(text: str) -> str:
    """The facts and the way out, below the heading; "" where the refusal is one sentence."""
    return text.partition("。")[2]
