"""What is asked to merge, divide, guide and rotate."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import day, line
from zhibu.core.succession import Member
from zhibu.imports import reading
from zhibu.imports.reading import UnreadableFile
from zhibu.organizations import plans
from zhibu.organizations.actions import New
from zhibu.organizations.forms import OrganizationField
from zhibu.organizations.models import Organization, OrganizationQuerySet, PartyGroup
from zhibu.organizations.succeeding import Division, Into

PAPER = "哪份文件定的。"


class OrganizationLines(forms.CharField):
    """Several organisations, a line each, by code or name, out of ``among``."""

    def __init__(self, *, label: str, hint: str) -> None:
        super().__init__(
            label=label, help_text=hint, max_length=8000, widget=forms.Textarea(attrs={"rows": 4})
        )
        self.among: OrganizationQuerySet = Organization.objects.none()

    def clean(self, value: Any) -> Any:
        one = OrganizationField(label="")
        one.among = self.among
        found: list[Organization] = []
        faults: list[str] = []
        for number, text in enumerate(str(super().clean(value)).splitlines(), 1):
            if not text.strip():
                continue
            try:
                row = one.clean(text)
            except ValidationError as error:
                faults.append(f"第 {number} 行：{error.messages[0]}")
                continue
            if row in found:
                faults.append(f"第 {number} 行：{row.called}写了两次。")
            found.append(row)
        if faults:
            raise ValidationError(faults)
        return found


class MergeForm(forms.Form):
    """Which ones end, and who takes their place: one there is, or a new one."""

    predecessors = OrganizationLines(
        label="哪些组织合并", hint="一行一个，写名称或代码。合并以后撤销，记录都留着。"
    )
    into = OrganizationField(
        label="并到哪个组织", hint="并到已有的组织写在这里；要设新的就空着，填下面三项。",
        required=False,
    )  # fmt: skip
    name = line("新组织的名称", longest=100, required=False, hint="全称。")
    short_name = line("新组织的简称", longest=40, required=False, hint="页面上用。")
    code = line("新组织的代码", longest=30, required=False, hint="全县不重样，以后不变。")
    on = day("从哪天起", hint="那天起由接续的组织办，以前的记录不动。")
    paper = line("文号", longest=80, required=False, hint=PAPER)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        olds: list[Organization] = cleaned.get("predecessors") or []
        wants_new = bool(cleaned.get("name") or cleaned.get("code"))
        if "into" not in cleaned or not olds:
            return cleaned
        if cleaned["into"] and wants_new:
            self.add_error("into", "已有的和新设的只能写一样。")
        elif not cleaned["into"] and not (cleaned.get("name") and cleaned.get("code")):
            self.add_error("into", "写并到哪个组织；要设新的，名称和代码都要写。")
        elif wants_new and len(olds) < 2:
            self.add_error("predecessors", "并成一个新的，要写至少两个组织。")
        else:
            cleaned["target"] = self._target(cleaned, olds[0])
        return cleaned

    def _target(self, cleaned: dict[str, Any], first: Organization) -> Into:
        if cleaned["into"]:
            return Into(existing=cleaned["into"])
        new = New(
            cleaned["code"], cleaned["name"], first.kind, cleaned["short_name"], first.field,
            first.place,
        )  # fmt: skip
        return Into(new=new, parent=first.parent)


class PlanForm(forms.Form):
    """A whole plan of mergers: pasted lines, or the workbook filled in."""

    file = forms.FileField(
        label="填好的名单",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv"}),
        help_text="先下载名单，在“新代码”“新名称”里填。没有填新代码的行不动。",
    )
    lines = forms.CharField(
        label="或者贴在这里",
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一个：原代码、新代码、新名称，从表格里复制。几行写同一个新代码，就并成一个。",
    )
    on = day("从哪天起", hint="那天起由接续的组织办，以前的记录不动。")
    paper = line("文号", longest=80, required=False, hint=PAPER)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        try:
            found = self._of_file(file) if file else plans.lines_of(cleaned.get("lines") or "")
        except UnreadableFile as error:
            self.add_error("file", error.message)
            return cleaned
        if not found:
            self.add_error("lines", "没有要合并的。上传填好的名单，或者把几行贴在这里。")
        cleaned["plan"] = found
        return cleaned

    def _of_file(self, file: Any) -> list[plans.Line]:
        reading.refuse_size(file.size or 0, settings.UPLOAD_LIMIT)
        found = plans.lines_of_book(reading.read(file.read()))
        if found is None:
            raise UnreadableFile(
                "no_headings", "没有找到“原代码”“新代码”两列。请用下载的名单来填。"
            )
        return found


class PartsForm(forms.Form):
    """Into which parts an organisation is divided."""

    parts = forms.CharField(
        label="分成哪些组织",
        max_length=4000,
        validators=[no_control_characters],
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一行一个。新设的写：代码 名称 简称，中间空一格；已有的只写代码。至少两行。",
    )
    on = day("从哪天起", hint="那天起由分出来的组织办，以前的记录不动。")
    paper = line("文号", longest=80, required=False, hint=PAPER)

    def __init__(
        self, old: Organization, among: OrganizationQuerySet, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.old, self.among = old, among

    def clean_parts(self) -> str:
        text = str(self.cleaned_data["parts"])
        faults: list[str] = []
        self.intos: list[Into] = []
        for number, written in enumerate(filter(str.strip, text.splitlines()), 1):
            into, fault = self._part(written.split())
            if into:
                self.intos.append(into)
            else:
                faults.append(f"第 {number} 行：{fault}")
        if not faults and len(self.intos) < 2:
            faults = ["至少写两行。只换一个，用合并。"]
        if faults:
            raise ValidationError(faults)
        return text

    def _part(self, cells: Sequence[str]) -> tuple[Into | None, str]:
        code, name, short = (*cells, "", "")[:3]
        if not name:
            found = self.among.filter(code=code).exclude(pk=self.old.pk).first()
            return (Into(existing=found), "") if found else (None, f"没有找到代码 {code}。")
        if len(cells) > 3 or len(code) > 30 or len(name) > 100 or len(short) > 40:
            return None, "写成：代码 名称 简称，中间各空一格。"
        if Organization.all_rows.filter(code=code).exists():
            return None, f"代码 {code} 已经有组织在用，请换一个。"
        new = New(code, name, self.old.kind, short, self.old.field, self.old.place)
        return Into(new=new, parent=self.old.parent), ""


class WhereToForm(forms.Form):
    """Who goes into which part: what is below, party groups, then everybody by name."""

    def __init__(
        self,
        parts: Sequence[Into],
        below: Sequence[Organization],
        groups: Sequence[PartyGroup],
        members: Sequence[Member],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(index), part.called) for index, part in enumerate(parts)]
        known = {group.pk: group.name for group in groups}
        for row in below:
            self._ask(f"below_{row.pk}", row.called, choices)
        for group in groups:
            self._ask(f"group_{group.pk}", group.name, choices)
        for member in members:
            if member.group in known:
                with_group = [("", f"跟{known[member.group]}走"), *choices]
                self._ask(f"person_{member.person}", member.name, with_group, required=False)
            else:
                self._ask(f"person_{member.person}", member.name, choices)

    def _ask(
        self, name: str, label: str, choices: list[tuple[str, str]], *, required: bool = True
    ) -> None:
        field = forms.ChoiceField(label=label, choices=choices, required=required)
        field.initial = choices[0][0]
        self.fields[name] = field

    def division(self, parts: Sequence[Into]) -> Division:
        told: dict[str, dict[int, int]] = {"below": {}, "group": {}, "person": {}}
        for name, value in self.cleaned_data.items():
            kind, _, pk = name.partition("_")
            if value:
                told[kind][int(pk)] = int(value)
        return Division(tuple(parts), told["person"], told["group"], told["below"])


class GuideForm(forms.Form):
    guide = OrganizationField(label="由谁指导", hint="业务主管的部门或者党组织，写名称或代码。")
    since = day("从哪天起", hint="它为所指导的组织采用的制度，从这天起对本组织起作用。")


class EndGuidanceForm(forms.Form):
    on = day("从哪天起不再指导", hint="它采用的制度，从这天起对本组织不再起作用。")


class RotateForm(forms.Form):
    """In which order the units chair, from when, how long each."""

    units = OrganizationLines(label="轮值的单位", hint="按轮到的先后，一行一个，写名称或代码。")
    since = day("从哪天起", hint="这天以后原来排的，换成新排的。")
    months = forms.IntegerField(
        label="每个单位几个月",
        help_text="例如 6，半年换一次。",
        initial=3,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    rounds = forms.IntegerField(
        label="排几轮",
        help_text="排完了再排。",
        initial=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
