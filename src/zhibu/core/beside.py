"""Rules shown beside the fields of forms, as packs in force word them.

A form has a name here (``people.membership``); a pack says which field of which form its
sentence stands beside (``people.membership.since``). Who knows the packs in force is
registered by the area that does; the view puts what it answers onto the form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence, its citation as a page writes it, and where the rule can be read."""

    text: str
    cited: str
    url: str


Provider = Callable[[str, Any, date], dict[str, list[Rule]]]
_forms: dict[str, type[forms.BaseForm]] = {}
_providers: list[Provider] = []


def register(name: str, form: type[forms.BaseForm]) -> None:
    """Let packs put sentences beside the fields of ``form`` under this name."""
    _forms[name] = form


def fields() -> dict[str, str]:
    """Every field a pack may name, with its label."""
    return {
        f"{name}.{field}": str(made.label)
        for name, form in _forms.items()
        for field, made in form.base_fields.items()  # type: ignore[attr-defined]
    }


def provides(function: Provider) -> Provider:
    """Register who answers ``(form's name, organisation, day)`` with rules by field."""
    _providers.append(function)
    return function


def put(form: forms.BaseForm, name: str, organization: Any, on: date) -> None:
    """Put the rules in force for ``organization`` on ``on`` beside the fields of ``form``.

    They join the field's help text, so that they are read out with it. Nothing without an
    organisation.
    """
    if organization is None:
        return
    for provider in _providers:
        for field, rules in provider(name, organization, on).items():
            if field in form.fields:
                made = form.fields[field]
                made.help_text = _joined(str(made.help_text), rules)


def _joined(hint: str, rules: Iterable[Rule]) -> SafeString:
    text = format_html("{}", hint)
    for rule in rules:
        text = format_html(
            '{}{}{} <span class="z-basis">依据 <a href="{}" target="_blank" rel="noopener">{}'
            '<span class="z-vh">（新窗口）</span></a></span>',
            text, " " if text else "", rule.text, rule.url, rule.cited,
        )  # fmt: skip
    return text
