"""Typed fields that packs declare: one engine for case forms, register columns,
outcomes of activities, returns and course forms.

A pack writes a ``FieldSpec``; the registered ``FieldType`` of its ``type`` gives the form
control, the stored JSON value, the exported cell and the masked text. Areas above
register ``person``, ``organization`` and ``file``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zhibu.core.predicates import Condition


class Choice(BaseModel):
    """One value to choose; ``id`` is stored, ``title`` shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="存的编号")
    title: str = Field(description="显示的文字")


class FieldSpec(BaseModel):
    """A field as a pack declares it.

    ``where`` narrows a person or organisation by predicate. ``unit`` belongs to a
    quantity. ``masked`` is how outsiders see it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="编号，小写字母、数字和下划线")
    title: str = Field(description="名称")
    type: str = Field(description="类型，见“字段的类型”")
    hint: str = Field(default="", description="填写提示")
    required: bool = Field(default=True, description="是否必填")
    unit: str = Field(default="", description="单位，数量必写")
    choices: list[Choice] = Field(default=[], description="选项，选择项必写")
    longest: int | None = Field(default=None, ge=1, le=20000, description="最多几个字")
    least: Decimal | None = Field(default=None, strict=False, description="最小")
    most: Decimal | None = Field(default=None, strict=False, description="最大")
    where: Condition | None = Field(default=None, description="人或组织要满足的条件")
    book: str = Field(default="", description="选哪一本台账的行，包编号:台账编号")
    each: bool = Field(default=False, description="件件不同：一件一件填，不能几件一起填同一个值")
    masked: Literal["show", "cover", "omit"] = Field(
        default="show", description="外人看：show 照样，cover 遮住，omit 不出现"
    )

    @model_validator(mode="after")
    def _belongs_together(self) -> "FieldSpec":
        if self.type in {"choice", "choices"} and not self.choices:
            raise ValueError(f"字段 {self.id} 是选择项，要列出 choices")
        if self.choices and self.type not in {"choice", "choices"}:
            raise ValueError(f"字段 {self.id} 不是选择项，不能有 choices")
        if self.type == "quantity" and not self.unit:
            raise ValueError(f"字段 {self.id} 是数量，要写 unit")
        if self.where and self.type not in {"person", "organization"}:
            raise ValueError(f"字段 {self.id} 不是人或组织，不能有 where")
        if (self.type == "register-row") != bool(self.book):
            raise ValueError(f"字段 {self.id}：选台账的行要写 book，别的不写")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"字段 {self.id} 的 least 大于 most")
        return self


Control = Callable[[FieldSpec], forms.Field]
Offer = Callable[[Any, FieldSpec, int, date], None]


@dataclass(frozen=True, slots=True)
class Named:
    """A stored person, organisation or row of a register: its number, and its name as it was
    then."""

    id: int
    name: str


def store_named(value: Named) -> dict[str, Any]:
    return {"id": value.id, "name": value.name}


def load_named(kept: dict[str, Any]) -> Named:
    return Named(kept["id"], kept["name"])


def name_of(spec: FieldSpec, value: Named) -> str:
    """As a cell and as a page show it."""
    return value.name


@dataclass(frozen=True, slots=True)
class FieldType:
    """How one type of field is asked, kept, written out and covered.

    ``store`` turns a cleaned form value into JSON; ``load`` turns it back; ``export``
    gives the spreadsheet cell; ``show`` the text on a page. ``offer`` fills a control with what
    may be chosen at an organisation, by number, on a day. ``is_of_home``: not at the one whose turn
    it is, at the one that the thing belongs to.
    """

    name: str
    control: Control
    store: Callable[[Any], Any]
    load: Callable[[Any], Any]
    export: Callable[[FieldSpec, Any], Any]
    show: Callable[[FieldSpec, Any], str]
    offer: Offer | None = None
    is_of_home: bool = False


_types: dict[str, FieldType] = {}


def register(kind: FieldType) -> None:
    if kind.name in _types:
        raise ValueError(f"字段类型 {kind.name} 登记了两次")
    _types[kind.name] = kind


def get(name: str) -> FieldType:
    """Raises ``KeyError`` for a type nobody registered."""
    return _types[name]


def names() -> list[str]:
    return sorted(_types)


def faults(spec: FieldSpec, *, of_case: bool = False) -> list[str]:
    """What is wrong with a declared field beyond its shape. ``of_case``: a procedure asks it."""
    if spec.type not in _types:
        return [f"字段 {spec.id}：没有类型“{spec.type}”，可用的有 {'、'.join(names())}"]
    if _types[spec.type].is_of_home and not of_case:
        return [f"字段 {spec.id}：{spec.type} 只能用在程序里，这里请写成文字，例如它的编号"]
    if spec.where:
        subject: Literal["organization", "person"] = (
            "person" if spec.type == "person" else "organization"
        )
        return [f"字段 {spec.id}：{fault}" for fault in spec.where.faults(subject)]
    return []


def control(spec: FieldSpec) -> forms.Field:
    """The form field for ``spec``, labelled and hinted."""
    made = get(spec.type).control(spec)
    made.label, made.help_text, made.required = spec.title, spec.hint, spec.required
    return made


def masked(spec: FieldSpec, stored: Any) -> str:
    """The value as an outsider sees it; "" where it is left out."""
    if spec.masked == "omit" or stored in (None, ""):
        return ""
    if spec.masked == "cover":
        return "****"
    kind = get(spec.type)
    return kind.show(spec, kind.load(stored))


def no_control_characters(value: str) -> None:
    """Refuse NUL and other control characters that a database or Word file cannot hold."""
    for character in value:
        if ord(character) < 32 and character not in "\n\r\t":
            raise ValidationError("有看不见的控制字符，请删去重填。")


def _text(spec: FieldSpec, *, widget: forms.Widget, longest: int) -> forms.Field:
    return forms.CharField(
        max_length=spec.longest or longest, widget=widget, validators=[no_control_characters]
    )


def _decimal(spec: FieldSpec) -> forms.Field:
    places = 2 if spec.type == "money" else 3
    return forms.DecimalField(
        min_value=spec.least, max_value=spec.most, max_digits=14, decimal_places=places
    )


def _choice(spec: FieldSpec) -> forms.Field:
    choices = [(choice.id, choice.title) for choice in spec.choices]
    if spec.type == "choices":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
    return forms.ChoiceField(choices=[("", "请选择"), *choices])


def _titles(spec: FieldSpec, value: Any) -> str:
    chosen = value if isinstance(value, list) else [value]
    titles = {choice.id: choice.title for choice in spec.choices}
    return "、".join(titles.get(item, str(item)) for item in chosen)


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _same(value: Any) -> Any:
    return value


def _cell(spec: FieldSpec, value: Any) -> Any:
    return value


def _words(spec: FieldSpec, value: Any) -> str:
    return str(value)


def _day(spec: FieldSpec, value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _amount(spec: FieldSpec, value: Decimal) -> str:
    unit = "元" if spec.type == "money" else spec.unit
    return f"{value:,.2f} 元" if spec.type == "money" else f"{value.normalize():f} {unit}"


for _kind in (
    FieldType(
        "text",
        lambda s: _text(s, widget=forms.TextInput(), longest=200),
        _same,
        _same,
        _cell,
        _words,
    ),
    FieldType(
        "long-text",
        lambda s: _text(s, widget=forms.Textarea(attrs={"rows": 4}), longest=5000),
        _same,
        _same,
        _cell,
        _words,
    ),
    FieldType("date", lambda s: forms.DateField(), date.isoformat, date.fromisoformat, _cell, _day),
    FieldType(
        "moment",
        lambda s: forms.DateTimeField(),
        datetime.isoformat,
        datetime.fromisoformat,
        lambda s, v: v.replace(tzinfo=None),
        lambda s, v: f"{v:%Y-%m-%d %H:%M}",
    ),
    FieldType(
        "number",
        lambda s: forms.IntegerField(min_value=_whole(s.least), max_value=_whole(s.most)),
        _same,
        _same,
        _cell,
        _words,
    ),
    FieldType("money", _decimal, str, Decimal, _cell, _amount),
    FieldType("quantity", _decimal, str, Decimal, _cell, _amount),
    FieldType(
        "yes-no",
        lambda s: forms.TypedChoiceField(
            choices=[("", "请选择"), ("yes", "是"), ("no", "否")],
            coerce=lambda v: v == "yes",
            empty_value=None,
        ),
        _same,
        _same,
        lambda s, v: "是" if v else "否",
        lambda s, v: "是" if v else "否",
    ),
    FieldType("choice", _choice, _same, _same, _titles, _titles),
    FieldType("choices", _choice, list, list, _titles, _titles),
    FieldType("link", lambda s: forms.URLField(assume_scheme="https"), _same, _same, _cell, _words),
):
    register(_kind)
