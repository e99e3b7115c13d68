"""What a form asks, as OpenAPI says it: the same form that judges what is sent."""

from typing import Any

from django import forms

from zhibu.people.forms import PersonField

DATE, MOMENT = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}


def _shape(control: Any) -> dict[str, Any]:
    """Only what the class of a field says; choices that depend on the place are left open."""
    match control:
        case PersonField():
            return {"type": ["string", "integer"]}
        case forms.MultipleChoiceField():
            return {"type": "array", "items": _choice(control)}
        case forms.ChoiceField():
            return _choice(control)
        case forms.BooleanField():
            return {"type": "boolean"}
        case forms.IntegerField():
            bounds = {"minimum": control.min_value, "maximum": control.max_value}
            return {"type": "integer", **{k: v for k, v in bounds.items() if v is not None}}
        case forms.DateTimeField():
            return dict(MOMENT)
        case forms.DateField():
            return dict(DATE)
        case forms.CharField():
            longest = {"maxLength": control.max_length} if control.max_length else {}
            return {"type": "string", **longest}
        case _:
            return {"type": "string"}


def _choice(control: Any) -> dict[str, Any]:
    offered = [value for value, _ in control.choices if value != ""]
    if not offered or any(isinstance(text, (list, tuple)) for _, text in control.choices):
        return {"type": ["string", "integer", "boolean"]}
    return {"type": "string", "enum": offered}


def _titles(control: Any) -> str:
    """What the values of a choice are called, where they are few and known."""
    if not isinstance(control, forms.ChoiceField):
        return ""
    pairs: Any = control.choices
    titles = [f"{value} {text}" for value, text in pairs if value != "" and isinstance(text, str)]
    return f"{'；'.join(titles)}。" if 0 < len(titles) <= 30 else ""


def _field(control: Any) -> dict[str, Any]:
    said = {
        "title": str(control.label or ""),
        "description": f"{control.help_text or ''} {_titles(control)}".strip(),
    }
    return _shape(control) | {name: text for name, text in said.items() if text}


def body(form: type[forms.Form] | None, *, is_open: bool = False) -> dict[str, Any]:
    """The ``requestBody`` of an act. ``is_open``: a pack or the place adds fields of its own."""
    known = form.base_fields if form else {}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _field(control) for name, control in known.items()},
        "additionalProperties": is_open,
    }
    required = [name for name, control in known.items() if control.required]
    if required:
        schema["required"] = required
    return {"content": {"application/json": {"schema": schema}}, "required": bool(required)}


def parameters(form: type[forms.Form]) -> list[dict[str, Any]]:
    """The fields of a filter as query parameters."""
    return [
        {"name": name, "in": "query", "required": False, "schema": _field(control)}
        for name, control in form.base_fields.items()
    ]
