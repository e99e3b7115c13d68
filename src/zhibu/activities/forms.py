"""The one screen that records a meeting, and the small forms around it.

``RecordForm`` is built for a situation: an organisation (or party group), a day, what may
be held then, who is expected. It turns what was typed into a ``Draft`` and puts the faults
of a draft back beside the fields they are about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Draft,
    Faulty,
    FollowUpDraft,
    KindDraft,
    OutcomeDraft,
    VoteDraft,
)
from zhibu.activities.models import Activity, Participation
from zhibu.activities.queries import Choice, Expected
from zhibu.core import fields
from zhibu.core.fields import FieldSpec, no_control_characters
from zhibu.core.forms import line
from zhibu.core.searching import LONGEST
from zhibu.duties.counting import item_token
from zhibu.duties.models import Obligation
from zhibu.files.forms import UploadsField
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.packs.schema.duties import Duty

DECISIONS, FOLLOW_UPS, MOST = 1, 1, 8
YEARS = range(1900, 2201)  # in which something was held, or can be planned
NO_REASON = Participation.Reason.NONE
REASONS = [(r.value, r.label) for r in Participation.Reason]


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation one may record for: its name, duty and whether it makes a period up."""

    obligation: Obligation
    duty: Duty
    label: str
    cited: str
    rule_url: str
    makes_up: date | None = None

    @property
    def value(self) -> str:
        return f"o{self.obligation.pk}"


@dataclass
class Situation:
    """Where and when somebody is about to record, and what may be held there then.

    ``asked`` is who has asked leave, and why.
    """

    organization: Organization
    group: PartyGroup | None
    day: date
    choices: list[Choice]
    owed: list[Owed]
    what: str = ""
    also: Sequence[str] = ()
    roll: list[Expected] = field(default_factory=list)
    asked: Mapping[int, str] = field(default_factory=dict)
    decisions: int = DECISIONS
    follow_ups: int = FOLLOW_UPS

    def chosen(self) -> Owed | None:
        return next((owed for owed in self.owed if owed.value == self.what), None)

    def kinds(self) -> list[KindDraft]:
        """What is being held: the duty's kind or the one chosen, and those beside it."""
        owed = self.chosen()
        first = owed.duty.fulfilled_by[0] if owed else self.what.removeprefix("k")
        found = {first: KindDraft(first, owed.makes_up if owed else None)} if first else {}
        for reference in self.also:
            found.setdefault(reference, KindDraft(reference))
        return list(found.values())

    def held(self) -> list[Choice]:
        known = {c.reference: c for c in self.choices}
        return [known[k.reference] for k in self.kinds() if k.reference in known]

    def items(self) -> list[tuple[str, str, bool]]:
        """Items to tick, ``(token, title, required)``, of every duty the kinds may fulfil."""
        held = {k.reference for k in self.kinds()}
        found = {}
        for owed in self.owed:
            if held & set(owed.duty.fulfilled_by):
                for item in owed.duty.items:
                    token = item_token(owed.obligation.reference, item.id)
                    found[token] = (token, item.title, item.required)
        return list(found.values())

    def outcomes(self) -> list[tuple[str, FieldSpec]]:
        return [(c.reference, spec) for c in self.held() for spec in c.kind.outcomes]


class _Text(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[no_control_characters], **options)


def _count(label: str) -> Any:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return _part(
        forms.IntegerField(label=label, min_value=0, max_value=9999, required=False, widget=widget)
    )


def _part(made: Any) -> Any:
    """A field that goes with the one before it, which says for both that it may stay empty."""
    made.is_part = True
    return made


def _of_our_years(moment: datetime) -> None:
    if moment.year not in YEARS:
        raise ValidationError("年份不对：写四位，例如 2026。")


class RecordForm(forms.Form):
    """Fields of one sitting. Names of repeated fields carry their number: ``decision_0``."""

    starts_at = forms.DateTimeField(
        label="时间",
        help_text="实际开的时间，补记也写那天。",
        validators=[_of_our_years],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = _Text(label="地点", max_length=100, required=False, help_text="例如 村部会议室。")
    theme = _Text(
        label="主题", max_length=100, required=False, help_text="一句话，例如 学习全会精神。"
    )
    agenda = _Text(
        label="议题和讨论",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="议了哪几件事、怎么定的。不用记谁说了什么。",
    )
    guests = _Text(
        label="外支部、列席人员", max_length=500, required=False, help_text="姓名用顿号隔开。"
    )

    def __init__(self, situation: Situation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.situation = situation
        self._add_what()
        self._add_people()
        self._add_decisions()
        self._add_follow_ups()
        self._add_items()
        if any(c.kind.theme.required for c in situation.held()):
            self.fields["theme"].required = True

    # --- building

    def _add_what(self) -> None:
        s = self.situation
        owed = [(o.value, o.label) for o in s.owed]
        others = [(f"k{c.reference}", c.title) for c in s.choices]
        choices: list[Any] = [("", "请选择")]
        choices += [("要办的", owed)] if owed else []
        choices += [("其他活动", others)] if others else []
        self.fields["what"] = forms.ChoiceField(label="什么会", choices=choices)
        first = {k.reference for k in s.kinds()[:1]}
        beside = [(c.reference, c.title) for c in s.choices if c.reference not in first]
        self.fields["also"] = forms.MultipleChoiceField(
            label="同时是",
            choices=beside,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def _add_people(self) -> None:
        s = self.situation
        people = [(str(e.person.pk), e.person.name) for e in s.roll]
        for name, label in (("chair", "主持"), ("recorder", "记录")):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[("", "没有写"), *people], required=False
            )
        if any(c.kind.has_speaker for c in s.held()):
            self.fields["speaker"] = forms.ChoiceField(
                label="主讲", choices=[("", "外请或没有写"), *people], required=False
            )
        self.fields["absent"] = forms.MultipleChoiceField(
            label="缺席", choices=people, required=False, widget=forms.CheckboxSelectMultiple
        )
        for expected in s.roll:
            self.fields[f"reason_{expected.person.pk}"] = forms.ChoiceField(
                label=f"{expected.person.name} 为什么没来",
                choices=REASONS,
                required=False,
                initial=NO_REASON,
            )

    def _add_decisions(self) -> None:
        for number in range(self.situation.decisions):
            self.fields[f"decision_{number}"] = _Text(
                label="决定了什么", max_length=500, required=False
            )
            self.fields[f"yes_{number}"] = _count("赞成")
            self.fields[f"no_{number}"] = _count("反对")
            self.fields[f"abstain_{number}"] = _count("弃权")

    def _add_follow_ups(self) -> None:
        people = [(str(e.person.pk), e.person.name) for e in self.situation.roll]
        for number in range(self.situation.follow_ups):
            self.fields[f"task_{number}"] = _Text(label="要做的事", max_length=200, required=False)
            self.fields[f"owner_{number}"] = _part(
                forms.ChoiceField(label="谁办", choices=[("", "请选择"), *people], required=False)
            )
            self.fields[f"due_{number}"] = _part(
                forms.DateField(
                    label="哪天前",
                    required=False,
                    initial=self.situation.day + timedelta(days=7),
                    widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                )
            )

    def _add_items(self) -> None:
        items = [(token, title) for token, title, _ in self.situation.items()]
        if items:
            self.fields["items"] = forms.MultipleChoiceField(
                label="做了哪些", choices=items, required=False, widget=forms.CheckboxSelectMultiple
            )
        for index, (_, spec) in enumerate(self.situation.outcomes()):
            made = fields.control(spec)
            made.label = f"{spec.title}（{spec.unit}）" if spec.unit else spec.title
            self.fields[f"outcome_{index}"] = made

    # --- reading

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for number in range(self.situation.decisions):
            votes = [cleaned.get(f"{part}_{number}") for part in ("yes", "no", "abstain")]
            if any(v is not None for v in votes) and not cleaned.get(f"decision_{number}"):
                self.add_error(f"decision_{number}", "表决了什么，请写一句。")
            if votes[0] is None and any(votes[1:]):
                self.add_error(f"yes_{number}", "请写赞成几票，没有写 0。")
        for number in range(self.situation.follow_ups):
            if cleaned.get(f"task_{number}"):
                for part, text in (("owner", "请选谁来办。"), ("due", "请写哪天前办好。")):
                    name = f"{part}_{number}"
                    if not cleaned.get(name) and name not in self.errors:
                        self.add_error(name, text)
        return cleaned

    def draft(self) -> Draft:
        """What was typed, as a draft. Call on a valid form."""
        data = self.cleaned_data
        return Draft(
            kinds=tuple(self.situation.kinds()),
            starts_at=data["starts_at"],
            place=data["place"],
            theme=data["theme"],
            agenda=data["agenda"],
            chair_id=_id(data.get("chair")),
            recorder_id=_id(data.get("recorder")),
            speaker_id=_id(data.get("speaker")),
            absences={
                int(pk): AbsenceDraft(data.get(f"reason_{pk}") or NO_REASON)
                for pk in data["absent"]
            },
            guests=tuple(_names(data["guests"])),
            decisions=tuple(self._decisions(data)),
            follow_ups=tuple(self._follow_ups(data)),
            outcomes=tuple(self._outcomes(data)),
            items=tuple(data.get("items") or ()),
        )

    def _decisions(self, data: dict[str, Any]) -> Iterable[DecisionDraft]:
        for number in range(self.situation.decisions):
            text, yes = data.get(f"decision_{number}"), data.get(f"yes_{number}")
            if not text:
                continue
            vote = None
            if yes is not None:
                vote = VoteDraft(
                    yes, data.get(f"no_{number}") or 0, data.get(f"abstain_{number}") or 0
                )
            yield DecisionDraft(text, vote)

    def _follow_ups(self, data: dict[str, Any]) -> Iterable[FollowUpDraft]:
        for number in range(self.situation.follow_ups):
            if data.get(f"task_{number}"):
                yield FollowUpDraft(
                    data[f"task_{number}"], int(data[f"owner_{number}"]), data[f"due_{number}"]
                )

    def _outcomes(self, data: dict[str, Any]) -> Iterable[OutcomeDraft]:
        for index, (reference, spec) in enumerate(self.situation.outcomes()):
            value = data.get(f"outcome_{index}")
            if value not in (None, "", []):
                yield OutcomeDraft(reference, spec.id, fields.get(spec.type).store(value))

    def blame(self, error: Faulty) -> None:
        """Put a draft's faults beside the fields they are about."""
        places = {
            "kinds": "what",
            "absences": "absent",
            "observers": "guests",
            "chair_id": "chair",
            "recorder_id": "recorder",
            "reason": "reason",
        }
        numbers = [n for n in range(self.situation.decisions) if self.data.get(f"decision_{n}")]
        tasks = [n for n in range(self.situation.follow_ups) if self.data.get(f"task_{n}")]
        for name, text in error.faults.items():
            place, _, index = name.partition(".")
            if place == "decisions":
                name = f"yes_{numbers[int(index)]}"
            elif place == "follow_ups":
                name = f"due_{tasks[int(index)]}"
            else:
                name = places.get(place, place)
            self.add_error(name if name in self.fields else None, text)

    # --- showing

    def chips(self) -> list[dict[str, Any]]:
        """The roll as chips: one a person, with the field of its reason."""
        chosen = set(self["absent"].value() or ())
        return [
            {
                "person": e.person,
                "is_absent": str(e.person.pk) in chosen,
                "is_entitled": e.is_entitled,
                "asked": e.person.pk in self.situation.asked,
                "reason": self[f"reason_{e.person.pk}"],
            }
            for e in self.situation.roll
        ]

    def item_rows(self) -> list[dict[str, Any]]:
        ticked = set(self["items"].value() or ()) if "items" in self.fields else set()
        return [
            {"token": token, "title": title, "required": required, "ticked": token in ticked}
            for token, title, required in self.situation.items()
        ]

    def also_rows(self) -> list[dict[str, Any]]:
        ticked = set(self["also"].value() or ())
        choices: Any = self.fields["also"]
        return [{"value": v, "title": t, "ticked": v in ticked} for v, t in choices.choices]

    def decision_rows(self) -> list[dict[str, Any]]:
        return [
            {part: self[f"{part}_{n}"] for part in ("decision", "yes", "no", "abstain")}
            for n in range(self.situation.decisions)
        ]

    def follow_up_rows(self) -> list[dict[str, Any]]:
        return [
            {part: self[f"{part}_{n}"] for part in ("task", "owner", "due")}
            for n in range(self.situation.follow_ups)
        ]

    def may_add_decision(self) -> bool:
        return self.situation.decisions < MOST

    def may_add_follow_up(self) -> bool:
        return self.situation.follow_ups < MOST

    def outcome_rows(self) -> list[Any]:
        return [self[f"outcome_{i}"] for i in range(len(self.situation.outcomes()))]


class CorrectForm(RecordForm):
    """The same screen for a record that has an error, with the reason."""

    reason = _Text(
        label="为什么更正", max_length=200, help_text="原来的记录留着，谁都看得到改了什么。"
    )


def _id(value: str | None) -> int | None:
    return int(value) if value else None


def _names(text: str) -> list[str]:
    for mark in "，,；;／/\n\t":
        text = text.replace(mark, "、")
    return [name.strip()[:60] for name in text.split("、") if name.strip()]


def initial_of(activity: Activity) -> dict[str, Any]:
    """What the form shows for an activity that is there already."""
    initial: dict[str, Any] = {
        "starts_at": timezone.localtime(activity.starts_at),
        "place": activity.place,
        "theme": activity.theme,
        "agenda": activity.agenda,
        "chair": str(activity.chair_id or ""),
        "recorder": str(activity.recorder_id or ""),
        "speaker": str(activity.speaker_id or ""),
        "items": list(activity.items),
    }
    rows = list(activity.participations.order_by("pk"))
    initial["absent"] = [str(r.person_id) for r in rows if r.status == "absent"]
    initial["guests"] = "、".join(r.guest_name for r in rows if r.guest_name)
    initial |= {f"reason_{r.person_id}": r.reason for r in rows if r.status == "absent"}
    decisions = sorted(activity.decisions.all(), key=lambda decision: decision.number)
    for number, decision in enumerate(decisions):
        initial[f"decision_{number}"] = decision.text
        for part in ("yes", "no", "abstain"):
            initial[f"{part}_{number}"] = getattr(decision, part)
    return initial


class ReasonForm(forms.Form):
    """A reason, for cancelling and voiding."""

    reason = _Text(
        label="原因", max_length=200, help_text="写在记录上，看得到这次活动的人都看得到。"
    )


class AttachForm(forms.Form):
    """Files for a record; none is ever demanded."""

    uploads = UploadsField(label="附件")


class LeaveForm(forms.Form):
    """Leave for oneself, or for somebody on the roll whom one helps."""

    reason = forms.ChoiceField(
        label="为什么请假", choices=REASONS[:-1], help_text="选一个就行，不用写细节。"
    )
    person = forms.ChoiceField(
        label="谁请假",
        required=False,
        help_text="替不会用手机的人请假，选他的名字；会记下是您代的。",
    )

    def __init__(self, people: Sequence[Expected], *args: Any, own: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.own = own
        control: Any = self.fields["person"]
        control.choices = [(str(e.person.pk), e.person.name) for e in people]
        control.initial = str(own or "")
        control.required = True
        if not people:
            del self.fields["person"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = cleaned.get("person") or self.own
        if not chosen:
            raise ValidationError("请选谁请假。")
        cleaned["person_id"] = int(chosen)
        return cleaned


class ListFilter(forms.Form):
    """What a list of activities is narrowed by; everything may be left out."""

    is_filter = True
    q = line("主题或什么会", longest=LONGEST, required=False)
    kind = forms.ChoiceField(label="什么会", required=False)
    status = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *Activity.Status.choices]
    )
    since = forms.DateField(
        label="从",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label="到",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, kinds: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["kind"]
        control.choices = [("", "全部"), *kinds]


def local_now_rounded(now: datetime) -> datetime:
    """Now, on the quarter of an hour before: what a meeting's beginning usually is."""
    local = timezone.localtime(now)
    return local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0)
