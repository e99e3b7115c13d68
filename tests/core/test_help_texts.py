"""Every field of every form says what belongs in it, or needs no words; rules come from packs."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator

import pytest
from django import forms

import zhibu
from tests import scenes
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from zhibu.core import beside

# Label: why nobody needs a word beside it. Any field of that label.
SELF_EVIDENT = {
    "姓名": "everybody knows it",
    "民族": "as on the identity card; offered to pick from",
    "学历": "offered to pick from",
    "登录名": "stands on the slip of paper",
    "密码": "what one signs in with",
    "再输一遍": "says what to do",
    "现在的密码": "says what to do",
    "从哪天起": "the heading says of what",
    "叫什么": "the heading says what is named",
}
# Drawn by their pages as ticks beside rows or as buttons, with words of their own there.
DRAWN_APART = {"ChosenForm", "RegroupForm.person", "RegroupForm.step", "DoorForm"}
# Shows what fields look like, with hint and without.
GALLERY = "zhibu.core.gallery"


def _all_forms(of: type = forms.BaseForm) -> Iterator[type]:
    for made in of.__subclasses__():
        yield made
        yield from _all_forms(made)


def _stands_in_its_module(form: type) -> bool:
    """Whether it is written there; forms made from a pack's fields while tests ran are not."""
    return getattr(sys.modules[form.__module__], form.__name__, None) is form


def every_form() -> list[type]:
    """Forms of the product, filters left out: a filter's label is its whole sentence."""
    for module in pkgutil.walk_packages(zhibu.__path__, "zhibu."):
        if module.name.rpartition(".")[2] in ("forms", "successor_forms", "many", "views"):
            importlib.import_module(module.name)
    found = {
        form
        for form in _all_forms()
        if form.__module__.startswith("zhibu.") and _stands_in_its_module(form)
    }
    return sorted(
        (f for f in found if f.__module__ != GALLERY and not getattr(f, "is_filter", False)),
        key=lambda form: f"{form.__module__}.{form.__name__}",
    )


def visible_fields() -> list[tuple[str, forms.Field]]:
    return [
        (f"{form.__name__}.{name}", field)
        for form in every_form()
        for name, field in form.base_fields.items()
        if not isinstance(field.widget, forms.HiddenInput)
    ]


def test_every_field_has_a_word_beside_it_or_needs_none():
    fields = visible_fields()
    silent = [
        name
        for name, field in fields
        if not field.help_text
        and field.label not in SELF_EVIDENT
        and name not in DRAWN_APART
        and name.partition(".")[0] not in DRAWN_APART
        and name != "UploadForm.file"  # said when it is made: the limit is a setting
    ]

    assert len(fields) > 130
    assert silent == []


def test_the_list_of_the_self_evident_is_short_and_in_use():
    labels = {field.label for _, field in visible_fields() if not field.help_text}
    names = {name for name, _ in visible_fields()}

    assert set(SELF_EVIDENT) <= labels
    assert len(SELF_EVIDENT) < 12
    assert all(
        any(name == apart or name.startswith(f"{apart}.") for name in names)
        for apart in DRAWN_APART
    )


def test_words_beside_fields_are_short_sentences():
    long = {name: f.help_text for name, f in visible_fields() if len(str(f.help_text)) > 90}
    open_ended = {
        name: f.help_text
        for name, f in visible_fields()
        if f.help_text and str(f.help_text)[-1] not in "。）"
    }

    assert long == {}
    assert open_ended == {}


def test_no_article_is_written_beside_a_field_in_python():
    assert [name for name, field in visible_fields() if "条例" in str(field.help_text)] == []


# --- rules from packs in force


@pytest.fixture
def village(tree, cast):
    from zhibu.adoptions import actions as adoptions

    adoptions.adopt(
        pack="national/branch-life", organization=tree.county, since=SINCE,
        by=cast["county officer"], at=NOON,
    )  # fmt: skip
    return tree.village


def told(client, address):
    return client.get(address).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestRules:
    @pytest.mark.parametrize(
        ("path", "who", "says", "cited"),
        [
            ("/people/{person}/membership/", "county officer", "预备期 1 年", "第三十一、三十三条"),
            ("/people/register/{village}/", "secretary", "预备期 1 年", "发展党员细则（2026）"),
            ("/people/{person}/place/", "township officer", "应转组织关系", "第二十五条"),
            ("/people/{person}/host/", "secretary", "两边的支部共同管理", "条款号待核"),
            ("/organizations/{village}/term/", "township officer", "一般 3 年", "第二十一条"),
            ("/organizations/{village}/term/", "township officer", "3 至 5 人", "条款号待核"),
            ("/organizations/{village}/groups/", "secretary", "推荐产生", "第十三条"),
        ],
    )  # fmt: skip
    def test_the_article_stands_beside_the_field(
        self, path, who, says, cited, village, cast, client
    ):
        person = scenes.person_of(cast["member"]).pk
        client.force_login(cast[who])

        page = told(client, path.format(person=person, village=village.pk))

        hint = next(part for part in page.split('class="z-hint"')[1:] if says in part)
        assert cited in hint.split("</span></a>")[0]
        assert "/rules/packs/national/branch-life/field-notes/" in hint

    def test_it_is_read_out_with_the_field(self, village, cast, client):
        client.force_login(cast["secretary"])

        page = told(client, f"/organizations/{village.pk}/groups/")

        assert 'aria-describedby="id_name_helptext"' in page
        start = page.index('id="id_name_helptext"')
        assert "推荐产生" in page[start : page.index("</div>", start)]

    def test_where_no_pack_is_in_force_nothing_stands_there(self, tree, cast, client):
        client.force_login(cast["secretary"])

        assert "依据" not in told(client, f"/organizations/{tree.village.pk}/groups/")

    def test_it_says_nothing_to_organisations_it_does_not_speak_of(self, village, tree, cast):
        form = forms.Form()
        form.fields["ends_on"] = forms.DateField()

        beside.put(form, "organizations.term", tree.east, TODAY)  # a committee

        assert form.fields["ends_on"].help_text == ""

    def test_the_wording_of_the_day_is_the_one_that_stands_there(self, village):
        from datetime import date

        form = forms.Form()
        form.fields["since"] = forms.DateField(help_text="文件上写的那天。")

        beside.put(form, "people.membership", village, date(2026, 5, 10))
        assert form.fields["since"].help_text == "文件上写的那天。"
        beside.put(form, "people.membership", village, date(2026, 5, 11))
        assert str(form.fields["since"].help_text).startswith("文件上写的那天。 预备党员")

    def test_nobody_without_an_organisation_is_asked_for(self):
        form = forms.Form()

        beside.put(form, "people.membership", None, TODAY)


def test_what_a_pack_says_is_no_markup():
    form = forms.Form()
    form.fields["since"] = forms.DateField(help_text="a < b")
    rule = beside.Rule("<b>粗</b>", "<i>斜</i>", "/?a=1&b=2")

    text = beside._joined(form.fields["since"].help_text, [rule])

    assert "&lt;b&gt;粗" in text
    assert "&lt;i&gt;斜" in text
    assert "a &lt; b" in text


def test_a_pack_may_not_speak_of_a_field_that_is_not_there():
    from tests.packs import makers
    from zhibu.packs import library
    from zhibu.packs.checking import problems
    from zhibu.packs.reading import read

    note = makers.files()["duties/assembly/2018-01-01.toml"]
    cites = note[note.index("[[cites]]") :]
    head = (
        'title = "说明"\napplies_to = ["twig"]\nfields = ["people.membership.mood"]\ntext = "x"\n\n'
    )
    pack, _ = read(makers.files() | {"field-notes/x/2018-01-01.toml": head + cites})

    found = {(fault.place, fault.message) for fault in problems(pack, library.shipped())}

    assert ("fields", "没有这一栏 people.membership.mood") in found
    assert ("applies_to", "没有组织类别 twig") in found


def test_fields_a_pack_may_name_carry_their_label():
    assert beside.fields()["people.membership.since"] == "从哪天起"
