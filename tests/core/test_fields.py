import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core import fields
from zhibu.core.fields import Choice, FieldSpec

CHOICES = [
    Choice(id="good", title="好"),
    Choice(id="poor", title="差"),
    Choice(id="fair", title="中"),
]
DECIMALS = st.decimals(-(10**9), 10**9, places=2)
VALUES = {
    "text": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    "long-text": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    "date": st.dates(),
    "moment": st.datetimes(timezones=st.just(UTC)),
    "number": st.integers(-(10**9), 10**9),
    "money": DECIMALS,
    "quantity": DECIMALS,
    "yes-no": st.booleans(),
    "choice": st.sampled_from([choice.id for choice in CHOICES]),
    "choices": st.lists(st.sampled_from([choice.id for choice in CHOICES])),
    "link": st.just("https://zhibu.example/a?b=1"),
}


def spec(kind: str, **more) -> FieldSpec:
    needs = {
        "choice": {"choices": CHOICES},
        "choices": {"choices": CHOICES},
        "quantity": {"unit": "盏"},
    }
    return FieldSpec(id="x", title="题目", type=kind, **{**needs.get(kind, {}), **more})


def test_every_type_of_this_area_is_tried():
    upper = {"file", "person", "organization", "register-row"}

    assert set(fields.names()) - upper == set(VALUES)


@given(st.sampled_from(sorted(VALUES)), st.data())
def test_stored_value_is_json_and_loads_back(kind, data):
    value = data.draw(VALUES[kind])
    known = fields.get(kind)

    stored = json.loads(json.dumps(known.store(value)))

    assert known.load(stored) == value


@given(st.sampled_from(sorted(VALUES)), st.data())
def test_value_is_shown_and_exported(kind, data):
    value = data.draw(VALUES[kind])
    known = fields.get(kind)

    assert isinstance(known.show(spec(kind), value), str)
    cell = known.export(spec(kind), value)
    assert cell is None or isinstance(cell, (str, int, float, Decimal, date, datetime))


@pytest.mark.parametrize(
    ("kind", "typed", "stored", "shown"),
    [
        ("text", "前村", "前村", "前村"),
        ("date", "2026年11月20日", "2026-11-20", "2026年11月20日"),
        ("date", "2026.11.20", "2026-11-20", "2026年11月20日"),
        ("number", "14", 14, "14"),
        ("money", "1234.5", "1234.5", "1,234.50 元"),
        ("quantity", "14.50", "14.50", "14.5 盏"),
        ("yes-no", "yes", True, "是"),
        ("yes-no", "no", False, "否"),
        ("choice", "good", "good", "好"),
        ("choices", ["good", "poor"], ["good", "poor"], "好、差"),
        ("link", "zhibu.example", "https://zhibu.example", "https://zhibu.example"),
    ],
)
def test_what_is_typed_is_stored_and_shown(kind, typed, stored, shown):
    known = fields.get(kind)
    cleaned = fields.control(spec(kind)).clean(typed)

    assert known.store(cleaned) == stored
    assert known.show(spec(kind), known.load(stored)) == shown


@pytest.mark.parametrize(
    ("kind", "more", "typed"),
    [
        ("text", {}, ""),
        ("text", {"longest": 2}, "三个字"),
        ("text", {}, "a\x00b"),
        ("long-text", {}, "a\x1fb"),
        ("date", {}, "2026-02-30"),
        ("number", {"least": Decimal(1)}, "0"),
        ("number", {"most": Decimal(3)}, "4"),
        ("number", {}, "1.5"),
        ("money", {"least": Decimal(0)}, "-0.01"),
        ("money", {}, "1.005"),
        ("yes-no", {}, ""),
        ("choice", {}, "other"),
        ("choices", {}, ["good", "other"]),
        ("link", {}, "javascript:alert(1)"),
    ],
)
def test_what_does_not_fit_is_refused(kind, more, typed):
    with pytest.raises(ValidationError):
        fields.control(spec(kind, **more)).clean(typed)


def test_control_carries_label_hint_and_whether_it_must_be_filled():
    control = fields.control(spec("text", hint="写全称", required=False))

    assert (control.label, control.help_text, control.required) == ("题目", "写全称", False)


@pytest.mark.parametrize(
    ("masked", "seen"), [("show", "1,234.50 元"), ("cover", "****"), ("omit", "")]
)
def test_outsider_sees_what_the_mask_leaves(masked, seen):
    made = spec("money", masked=masked)

    assert fields.masked(made, "1234.5") == seen
    assert fields.masked(made, None) == ""


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("choice", {"choices": []}, "要列出 choices"),
        ("text", {"choices": CHOICES}, "不能有 choices"),
        ("quantity", {"unit": ""}, "要写 unit"),
        ("text", {"where": {"all": ["x"]}}, "不能有 where"),
        ("number", {"least": Decimal(3), "most": Decimal(2)}, "大于 most"),
    ],
)
def test_parts_of_a_declaration_belong_together(kind, more, said):
    with pytest.raises(ValueError, match=said):
        spec(kind, **more)


def test_unknown_type_is_named_with_those_there_are():
    (fault,) = fields.faults(FieldSpec(id="x", title="x", type="texte"))

    assert "没有类型“texte”" in fault
    assert "long-text" in fault


def test_type_is_registered_once():
    with pytest.raises(ValueError, match="登记了两次"):
        fields.register(fields.get("text"))
