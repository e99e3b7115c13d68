"""Fields of forms: label, control, hint and error tied together, nothing typed lost."""

import gettext
import re
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string

import zhibu
from zhibu.core.forms import SuggestingField, attempt, day, line
from zhibu.core.verdicts import Refused, no

LOCALE = Path(zhibu.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"


class Sample(forms.Form):
    name = line("名称", longest=5, hint="全称。")
    note = line("说明", longest=20, required=False)
    on = day("日期")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")])
    sides = forms.ChoiceField(label="意见", choices=[("y", "有")], widget=forms.RadioSelect)
    tell = forms.BooleanField(label="同时通知", required=False)
    school = SuggestingField(label="学历", required=False)


def drawn(form, name):
    return re.sub(r"\s+", " ", form[name].as_field_group())


def test_field_ties_label_hint_and_error_to_the_control():
    html = drawn(Sample({"name": "太长了的名称"}), "name")

    assert '<label class="z-lab" for="id_name">名称</label>' in html
    assert 'class="form-control"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<span class="z-hint" id="id_name_helptext">全称。</span>' in html
    assert '<span class="z-err" id="id_name_error">' in html
    assert "最多 5 个字，现在 6 个，请改短些。" in html
    assert 'value="太长了的名称"' in html


def test_field_without_fault_claims_none():
    html = drawn(Sample({"name": "名称"}), "name")

    assert "aria-invalid" not in html
    assert "z-err" not in html
    assert "z-wrong" not in html


def test_field_that_may_be_left_empty_says_so():
    assert '<span class="z-opt">可以不填</span>' in drawn(Sample(), "note")
    assert "可以不填" not in drawn(Sample(), "name")


def test_field_required_is_not_left_to_the_browser():
    assert not re.search(r"\srequired[\s>=]", drawn(Sample(), "name"))


def test_filter_does_not_say_that_it_may_be_left_empty():
    form = Sample()
    form.is_filter = True

    assert "可以不填" not in drawn(form, "note")


def test_day_is_asked_with_the_calendar_of_the_device():
    html = drawn(Sample({"on": "2026年11月20日"}), "on")
    initial = drawn(Sample(initial={"on": date(2026, 11, 20)}), "on")

    assert '<input type="date" name="on" class="form-control"' in html
    assert 'value="2026-11-20"' in initial


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "这一项要填。"),
        ("前天", "日期不对，请照 2026-11-20 的样子填。"),
        ("0026-11-20", "26 年不对，请核对。"),
        ("2026-11-20", ""),
        ("2026.11.20", ""),
    ],
)
def test_day_says_what_is_wrong_and_how_to_mend_it(typed, message):
    errors = Sample({"on": typed}).errors.get("on", [])

    assert "".join(errors) == message


def test_choice_is_a_select_and_radios_are_chips():
    kind, sides = drawn(Sample(), "kind"), drawn(Sample(), "sides")

    assert '<select name="kind" class="form-select"' in kind
    assert '<fieldset class="z-field"><legend class="z-lab">意见</legend>' in sides
    assert '<label class="z-chip pick" for="id_sides_0"><input type="radio"' in sides


def test_single_checkbox_stands_before_its_words():
    html = drawn(Sample(), "tell")

    assert re.search(r'<label class="z-radio" for="id_tell"><input type="checkbox".*同时通知', html)


def test_suggestions_are_offered_and_nothing_else_is_refused():
    form = Sample({"school": "函授"})
    form.fields["school"].offered = ("大学", "大专")

    html = drawn(form, "school")

    assert 'list="id_school_list"' in html
    assert '<datalist id="id_school_list"><option value="大学">' in html
    assert "school" not in form.errors


@pytest.mark.parametrize("typed", ["a\x00b", "a\x07b", "a\nb"])
def test_line_refuses_what_cannot_be_seen(typed):
    assert "name" in Sample({"name": typed}).errors


def test_summary_counts_faults_and_leads_to_the_fields():
    form = Sample({"name": "名称", "on": "2026-11-20", "kind": "c"})
    form.add_error(None, "不能登记：已经有了。")

    html = render_to_string("components/errors.html", {"form": form})

    assert "还没保存，有 3 处要改" in html
    assert '<a href="#id_kind">类别：没有“c”这一项，请重新选。</a>' in html
    assert '<a href="#id_sides_0">意见：这一项要填。</a>' in html
    assert "<li>不能登记：已经有了。</li>" in html
    assert 'role="alert"' in html


def test_summary_is_absent_where_nothing_is_wrong():
    assert render_to_string("components/errors.html", {"form": Sample()}).strip() == ""


def test_refused_action_becomes_an_error_of_its_form():
    form = Sample({"name": "名称", "on": "2026-11-20", "kind": "a", "sides": "y"})

    def refuse():
        raise Refused(no("不能从这天起：要晚于那天。"))

    assert form.is_valid()
    assert attempt(form, lambda: None)
    assert not attempt(form, refuse)
    assert form.non_field_errors() == ["不能从这天起：要晚于那天。"]


def test_catalogue_in_use_is_the_one_that_people_edit():
    source = (LOCALE / "django.po").read_text("utf-8")
    pattern = r'^msgid "(.+)"\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? "(.+)"'
    written = dict(re.findall(pattern, source, re.M))
    with (LOCALE / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    compiled = {key[0] if isinstance(key, tuple) else key: text for key, text in catalogue.items()}
    del compiled[""]

    assert len(written) > 20
    assert compiled == written
