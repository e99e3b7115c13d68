from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import SuggestingField, day, line
from zhibu.organizations.models import Field, Kind, Organization, OrganizationQuerySet
from zhibu.packs.schema.posts import PostKind

ANY = [("", "全部")]
CHOOSE = [("", "请选择")]
OFFERED = 300


class OrganizationField(SuggestingField):
    """An organisation by code, full or short name, out of ``among``; works without script.

    The browser offers the first 300 while one types. What fits several is answered with
    their codes.
    """

    only = "只能选您管的"

    def __init__(self, *, label: str, hint: str = "写名称或代码。", required: bool = True) -> None:
        super().__init__(
            label=label,
            help_text=hint,
            required=required,
            max_length=140,
            validators=[no_control_characters],
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.among: OrganizationQuerySet = Organization.objects.none()

    @property
    def offered(self) -> list[str]:  # type: ignore[override]
        return [str(row) for row in self.among.in_order()[:OFFERED]]

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip()
        if not text:
            return None
        name, _, rest = text.rpartition("（")
        code = rest.rstrip("）") if name else text
        found = list(
            self.among.filter(Q(code__iexact=code) | Q(name=text) | Q(short_name=text))[:6]
        )
        if len(found) == 1:
            return found[0]
        if found:
            codes = "、".join(str(row) for row in found[:5])
            raise ValidationError(f"有几个都叫这个：{codes}。请写代码。")
        raise ValidationError(f"没有找到“{text}”。请写全名或代码，{self.only}。")


BY_FIELD = "统计、采用制度时按领域分。"
PLACE = "例如 郭村镇通扬村。"


class ListForm(forms.Form):
    """The filters of the list, from the query string; a wrong one counts as not given."""

    is_filter = True
    q = line("名称或代码", longest=60, required=False)
    kind = forms.ChoiceField(label="类别", choices=[*ANY, *Kind.choices], required=False)
    field = forms.ChoiceField(label="领域", choices=[*ANY, *Field.choices], required=False)
    on = day("截至", required=False)


class TermsForm(forms.Form):
    """The filters of the calendar of terms; a wrong one counts as not given."""

    is_filter = True
    due = forms.ChoiceField(label="届满", required=False)
    kind = forms.ChoiceField(label="类别", choices=[*ANY, *Kind.choices], required=False)
    field = forms.ChoiceField(label="领域", choices=[*ANY, *Field.choices], required=False)
    on = day("截至", required=False)

    def __init__(self, spans: Iterable[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due"].choices = list(spans)  # type: ignore[attr-defined]


class FoundForm(forms.Form):
    name = line("名称", longest=100, hint="全称，例如 郭村镇通扬村党支部。")
    short_name = line("简称", longest=40, required=False, hint="页面上用，例如 通扬村党支部。")
    code = line("代码", longest=30, hint="全县不重样，以后不变。")
    kind = forms.ChoiceField(
        label="类别",
        choices=[*CHOOSE, *Kind.choices],
        help_text="要开哪些会、归哪些统计，按类别分，请核对。",
    )
    field = forms.ChoiceField(
        label="领域", choices=Field.choices, initial=Field.OTHER, help_text=BY_FIELD
    )
    place = line("所在地", longest=100, required=False, hint=PLACE)
    established_on = day("成立日期", required=False, hint="不知道就空着。")

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Organization.all_rows.filter(code=code).exists():
            raise ValidationError("这个代码已经有组织在用，请换一个。")
        return code


class RenameForm(forms.Form):
    name = line("新名称", longest=100, hint="全称。")
    short_name = line("新简称", longest=40, required=False, hint="页面上用，没有就空着。")
    since = day("从哪天起", hint="原来的名称留在历史里。")


class ChangeForm(forms.Form):
    field = forms.ChoiceField(label="领域", choices=Field.choices, help_text=BY_FIELD)
    place = line("所在地", longest=100, required=False, hint=PLACE)
    established_on = day("成立日期", required=False, hint="不知道就空着。")


class MoveForm(forms.Form):
    parent = OrganizationField(label="划到哪个组织下面")
    since = day("从哪天起", hint="以前的隶属关系留在历史里。")


class DissolveForm(forms.Form):
    on = day("撤销日期", hint="记录都留着，撤销后不能再改。")


class TermForm(forms.Form):
    since = day("本届从哪天开始", hint="选出这一届的那天。")
    ends_on = day("哪天届满", required=False, hint="不知道就空着。")
    has_committee = forms.TypedChoiceField(
        label="设不设委员会",
        choices=[("yes", "设"), ("no", "不设")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text="不设的，不用开委员会的会。",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, ends_on = cleaned.get("since"), cleaned.get("ends_on")
        if isinstance(since, date) and isinstance(ends_on, date) and ends_on <= since:
            self.add_error("ends_on", "届满要在开始之后，请核对。")
        return cleaned


class FormGroupForm(forms.Form):
    name = line("名称", longest=40, hint="例如 第一党小组。")
    since = day("从哪天起")


class CloseGroupForm(forms.Form):
    on = day("撤销日期", hint="开过的会都留着。")


class PostForm(forms.Form):
    """``kinds`` are the posts that packs know for this kind of organisation."""

    kind = forms.ChoiceField(
        label="什么职务", help_text="职务定了能做什么，见“谁能做什么”。谁来任职，下一步再定。"
    )
    since = day("从哪天起", hint="设这个职务的日子。")

    def __init__(self, kinds: Iterable[tuple[str, PostKind]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(id_, post.title) for id_, post in kinds]
        self.fields["kind"].choices = [*CHOOSE, *known]  # type: ignore[attr-defined]
