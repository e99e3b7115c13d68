from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import SuggestingField, day, line
from zhibu.organizations.forms import OrganizationField
from zhibu.people import id_numbers, phones, rules
from zhibu.people.models import Holding, Person, PersonQuerySet, Reveal, Sex, State
from zhibu.people.queries import ANY_MEMBER, AWAY, GUESTS, NO_STATE, found_by

CHOOSE = [("", "请选择")]
EDUCATIONS = ("研究生", "大学", "大专", "中专", "高中", "初中", "小学")
ETHNICITIES = (
    "汉族",
    "回族",
    "满族",
    "蒙古族",
    "藏族",
    "壮族",
    "苗族",
    "维吾尔族",
    "土家族",
    "彝族",
)
REASONS = [
    ("通知会议或活动", "通知会议或活动"),
    ("核对资料", "核对资料"),
    ("other", "其他，写在下面"),
]
OFFERED = 300
FROM_NUMBER = "填了身份证号就不用填。"
ID_FAULTS = {
    "blank": "这里没有号码，请核对。",
    "bad_id_length": "身份证号是 18 位，请核对有没有多写、少写。",
    "bad_id_characters": "前 17 位都是数字，最后一位是数字或 X，请核对。",
    "id_as_number": "号码的后几位丢了，请照证件重写。",
    "id_masked": "号码被遮住了，请照证件写全。",
    "bad_id_birth": "中间的出生日期不对，请核对第 7 到 14 位。",
    "bad_check_digit": "最后一位和前面对不上，请核对有没有写错。",
}


class SearchForm(forms.Form):
    """The filters of the list, from the query string."""

    is_filter = True
    q = line("姓名、拼音、首字母或完整号码", longest=60, required=False)
    state = forms.ChoiceField(
        label="身份",
        required=False,
        choices=[
            ("", "全部"),
            (ANY_MEMBER, "党员（正式、预备）"),
            *State.choices,
            (NO_STATE, "没有党员身份"),
            (GUESTS, "流入的党员"),
            (AWAY, "流出在外的党员"),
        ],
    )


def _suggesting(label: str, offered: Iterable[str], *, longest: int) -> SuggestingField:
    field = SuggestingField(
        label=label,
        max_length=longest,
        required=False,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field.offered = tuple(offered)
    return field


class ParticularsForm(forms.Form):
    """What is known of a person. Sealed values are asked empty and never filled in again."""

    name = line("姓名", longest=60)
    id_number = line("身份证号", longest=30, required=False, hint="出生日期和性别从这里来。")
    sex = forms.ChoiceField(
        label="性别",
        choices=[("", "不清楚"), *Sex.choices],
        required=False,
        help_text=FROM_NUMBER,
    )
    born_on = day("出生日期", required=False, hint=FROM_NUMBER)
    ethnicity = _suggesting("民族", ETHNICITIES, longest=20)
    education = _suggesting("学历", EDUCATIONS, longest=20)
    occupation = line("工作岗位", longest=60, required=False, hint="例如 村会计、种粮大户。")
    phone = line("电话", longest=30, required=False, hint="手机 11 位，座机连区号。")
    address = line("住址", longest=120, required=False, hint="现在住的地方。")

    def clean_id_number(self) -> str:
        typed = str(self.cleaned_data["id_number"])
        read = id_numbers.read(typed)
        if typed and read.fault:
            raise ValidationError(ID_FAULTS[read.fault])
        return read.number

    def clean_phone(self) -> str:
        number = phones.normal(str(self.cleaned_data["phone"]))
        if number and not phones.is_likely(number):
            raise ValidationError("电话只写数字，手机 11 位，座机连区号，请核对。")
        return number

    def clean(self) -> dict[str, Any]:
        """Birth day and sex follow from the number; what contradicts it is an error."""
        cleaned: dict[str, Any] = super().clean() or {}
        if number := cleaned.get("id_number"):
            read = id_numbers.read(number)
            self._follow("born_on", read.born_on, "和身份证号里的不一样，请核对。")
            sex = Sex.MALE if read.is_male else Sex.FEMALE
            self._follow("sex", sex.value, "和身份证号里的不一样，请核对。")
        return cleaned

    def _follow(self, name: str, value: date | str | None, fault: str) -> None:
        if name in self.errors:
            return
        if not self.cleaned_data.get(name):
            self.cleaned_data[name] = value
        elif self.cleaned_data[name] != value:
            self.add_error(name, fault)


class RegisterForm(ParticularsForm):
    since = day("组织关系从哪天到本支部", hint="不是党员的，填登记到本支部的日子。")
    state = forms.ChoiceField(
        label="身份",
        required=False,
        help_text="入党申请人、积极分子也在这里登记。",
        choices=[
            ("", "没有党员身份"),
            *[(state.value, state.label) for state in map(State, rules.FOLLOWS[None])],
        ],
    )
    state_since = day("这个身份从哪天起", required=False, hint="没有党员身份的不用填。")
    field_order = ("name", "id_number", "state", "state_since", "since")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (
            cleaned.get("state")
            and not cleaned.get("state_since")
            and "state_since" not in self.errors
        ):
            self.add_error("state_since", "请填这个身份从哪天起。")
        return cleaned


class ChangeForm(ParticularsForm):
    """An empty sealed value stays as it is; to take one away, its box is ticked."""

    SEALED = ("id_number", "phone", "address")
    forget = forms.MultipleChoiceField(
        label="去掉已登记的",
        required=False,
        choices=Reveal.Field.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="登记错了、又没有对的，才去掉。",
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.SEALED:
            masked = getattr(person, f"masked_{name}")
            self.fields[name].help_text = (
                f"现在是 {masked}。不改就空着。" if masked else "现在没有登记。"
            )

    def sealed_values(self) -> dict[str, str | None]:
        """For the action: None where nothing was typed, "" where it is to go."""
        forget = self.cleaned_data["forget"]
        return {
            name: "" if name in forget else self.cleaned_data[name] or None for name in self.SEALED
        }


class MembershipForm(forms.Form):
    """``current`` is the state now; only what may follow it is offered."""

    state = forms.ChoiceField(label="变成", help_text="只列现在的身份能变成的。")
    since = day("从哪天起", hint="决定或者批件上写的那天。")
    basis = line("依据", longest=100, required=False, hint="例如 郭委组〔2026〕41号。")

    def __init__(self, current: str | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        following = [(state, State(state).label) for state in rules.FOLLOWS[current]]
        self.fields["state"].choices = [*CHOOSE, *following]  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    organization = OrganizationField(label="转到哪个支部")
    since = day("从哪天起", hint="党小组同时退出，到新支部再编。")


class AnyBranchField(OrganizationField):
    """Any branch by its whole name or code; none is suggested, most are not one's own."""

    offered = ()  # type: ignore[assignment]


class HostForm(forms.Form):
    organization = AnyBranchField(label="流入地支部", hint="写全名或代码，问对方支部要。")
    since = day("从哪天起", hint="从这天起在那边参加组织生活，表决仍在本支部。")


class EndHostingForm(forms.Form):
    on = day("从哪天起不在那边了", hint="回来了，或者组织关系转过去了。")


class GroupForm(forms.Form):
    group = forms.ChoiceField(
        label="编到哪个党小组", widget=forms.RadioSelect, help_text="原来在别的小组的，同一天退出。"
    )
    since = day("从哪天起")

    def __init__(self, groups: Iterable[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [(str(pk), name) for pk, name in groups]  # type: ignore[attr-defined]


class PersonField(SuggestingField):
    """A person by name or whole number out of ``among``; a shared name is asked with its #."""

    def __init__(self, *, label: str, hint: str = "写姓名。") -> None:
        super().__init__(
            label=label,
            help_text=hint,
            max_length=80,
            validators=[no_control_characters],
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.among: PersonQuerySet = Person.objects.none()

    @property
    def offered(self) -> list[str]:  # type: ignore[override]
        rows = self.among.order_by("path", "pk").values_list("name", "pk")[:OFFERED]
        return [f"{name} #{pk}" for name, pk in rows]

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip()
        _, mark, number = text.rpartition("#")
        if mark and number.isdecimal() and len(number) < 19:
            found = list(self.among.filter(pk=int(number)))
        else:
            found = list(self.among.filter(Q(name=text) | found_by(text)).distinct()[:6])
            exact = [person for person in found if person.name == text]
            found = exact or found
        if len(found) == 1:
            return found[0]
        if found:
            several = "、".join(f"{person.name} #{person.pk}" for person in found[:5])
            raise ValidationError(f"有几个人对得上：{several}。请写上 # 和后面的数。")
        raise ValidationError(f"没有找到“{text}”，请核对，或先登记这个人。")


class HoldForm(forms.Form):
    person = PersonField(label="谁来任职")
    since = day("从哪天起", hint="权限从这天开始。")
    until = day("任期到哪天", required=False, hint="不知道就空着。到期没交接的，权限先留着。")
    manner = forms.ChoiceField(
        label="怎么任",
        choices=Holding.Manner.choices,
        initial=Holding.Manner.FULL,
        help_text="主持工作、代理的，下面写原因。",
    )
    reason = line("原因", longest=100, required=False, hint="主持工作、代理的要写。")


class EndForm(forms.Form):
    on = day("从哪天起不再担任", hint="权限同一天停止。")


class RevealForm(forms.Form):
    """Why somebody looks at a covered value; the sentence is kept."""

    why = forms.ChoiceField(
        label="为什么要看",
        help_text="原因会记下来，本人看得到。",
        choices=REASONS,
        widget=forms.RadioSelect(attrs={"class": "lines"}),
        error_messages={"required": "请选一个原因。"},
    )
    other = line("其他原因", longest=100, required=False, hint="上面选了“其他”才写。")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("why") == "other" and not cleaned.get("other"):
            self.add_error("other", "请写明为什么要看。")
        return cleaned

    @property
    def reason(self) -> str:
        why = str(self.cleaned_data["why"])
        return str(self.cleaned_data["other"]) if why == "other" else why
