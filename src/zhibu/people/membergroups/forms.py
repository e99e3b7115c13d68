from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from zhibu.core.forms import day, line
from zhibu.organizations.models import Organization
from zhibu.packs.catalogues import Listed
from zhibu.people.forms import EDUCATIONS
from zhibu.people.membergroups.queries import Wanted
from zhibu.people.models import Sex, State
from zhibu.people.queries import ANY_MEMBER

ANY = [("", "都算")]
WAYS = [("in", "编进"), ("out", "编出")]


def _choices(listed: Mapping[str, Listed]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups under their catalogue."""
    shelves: dict[str, list[tuple[str, str]]] = {}
    for token, one in listed.items():
        shelves.setdefault(one.catalogue.title, []).append((token, one.title))
    return list(shelves.items())


class WantedForm(forms.Form):
    """Whom to list, from the query string; ``group`` and ``way`` say what for."""

    is_filter = True
    group = forms.ChoiceField(label="类别")
    way = forms.ChoiceField(label="编进还是编出", choices=WAYS, required=False)
    state = forms.ChoiceField(
        label="身份",
        required=False,
        choices=[*ANY, (ANY_MEMBER, "党员（正式、预备）"), *State.choices],
    )
    age_from = forms.IntegerField(label="年满", required=False, min_value=0, max_value=120)
    age_to = forms.IntegerField(label="到（岁）", required=False, min_value=0, max_value=120)
    sex = forms.ChoiceField(label="性别", choices=[*ANY, *Sex.choices], required=False)
    education = forms.ChoiceField(
        label="学历", choices=[*ANY, *((one, one) for one in EDUCATIONS)], required=False
    )
    occupation = line("工作岗位里有", longest=30, required=False)

    def __init__(self, listed: Mapping[str, Listed], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = _choices(listed)  # type: ignore[attr-defined]

    def wanted(self, organization: Organization | None) -> Wanted:
        """People not yet in the group where it is for putting in, else those in it."""
        asked = self.cleaned_data
        is_in = self.asked_way == "in"
        return Wanted(
            organization=organization,
            state=asked.get("state") or "",
            age_from=asked.get("age_from"),
            age_to=asked.get("age_to"),
            sex=asked.get("sex") or "",
            education=asked.get("education") or "",
            occupation=asked.get("occupation") or "",
            within="" if is_in else asked["group"],
            not_within=asked["group"] if is_in else "",
        )

    @property
    def asked_way(self) -> str:
        return self.cleaned_data.get("way") or "in"


class RegroupForm(forms.Form):
    """The chosen people, and from which day; ``step`` is the preview or the deed."""

    person = forms.TypedMultipleChoiceField(label="人", coerce=int)
    since = day("从哪天起")
    step = forms.ChoiceField(choices=[("preview", "预览"), ("apply", "办理")])

    def __init__(self, offered: list[int], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(pk, str(pk)) for pk in offered]  # type: ignore[attr-defined]
        self.fields["person"].error_messages["required"] = "请至少勾一个人。"
        self.fields["since"].initial = today
