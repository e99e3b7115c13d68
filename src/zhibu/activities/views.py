from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.activities import actions, minutes, queries, rules, situations
from zhibu.activities.drafts import Faulty
from zhibu.activities.forms import (
    DECISIONS,
    FOLLOW_UPS,
    YEARS,
    AttachForm,
    CorrectForm,
    LeaveForm,
    ListFilter,
    ReasonForm,
    RecordForm,
    Situation,
    initial_of,
    local_now_rounded,
)
from zhibu.activities.models import Activity, Filing, KindOf
from zhibu.activities.queries import Attendance
from zhibu.assignments.models import Assignment
from zhibu.core import excel, hats, standing
from zhibu.core.http import SignedInRequest, download, download_file, page_number, query_without
from zhibu.core.verdicts import require
from zhibu.core.waiting import long_file
from zhibu.documents import minutes as paper
from zhibu.duties.models import HolderKind, Obligation
from zhibu.files import actions as attaching
from zhibu.files import queries as files
from zhibu.ledger import printed
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people.models import Person

PAGE = 30
RECORD = "activities/record.html"


# --- finding


def _activity_for(request: SignedInRequest, pk: int) -> Activity:
    """The activity with its kinds, or 404 where this user may not even know of it."""
    rows = Activity.objects.visible_to(request.user).select_related(
        "organization", "group", "chair", "recorder", "speaker", "recorded_by", "confirmed_by"
    )
    return get_object_or_404(rows.prefetch_related("kinds"), pk=pk)


@dataclass(frozen=True, slots=True)
class _Place:
    organization: Organization
    group: PartyGroup | None


def _place_for(request: SignedInRequest) -> _Place:
    """Where the user means to record: asked for, or the hat's; 404 where they see nothing."""
    obligation = request.GET.get("obligation", "")
    asked = request.GET.get("organization", "")
    group_asked = request.GET.get("group", "")
    if obligation.isdecimal():
        row = get_object_or_404(Obligation.objects.visible_to(request.user), pk=int(obligation))
        asked = str(row.organization_id)
        group_asked = str(row.holder_id) if row.holder_kind == HolderKind.PARTY_GROUP else ""
    hat = hats.worn(request)
    if not asked.isdecimal() and hat and hat.organization_id:
        asked = str(hat.organization_id)
    if not asked.isdecimal():
        raise Http404
    organization = get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))
    group = _group_for(request, organization, group_asked)
    return _Place(organization, group)


def _group_for(
    request: SignedInRequest, organization: Organization, asked: str
) -> PartyGroup | None:
    """The party group asked for; a leader who may record nowhere else gets their own."""
    groups = PartyGroup.objects.filter(organization=organization, until=None)
    if asked.isdecimal():
        named: PartyGroup = get_object_or_404(groups, pk=int(asked))
        return named
    held = standing.with_permission(request.user, "activities.record")
    here = [s for s in held if s.covers(organization.path)]
    if here and all(s.reach == "group" for s in here):
        own: PartyGroup | None = groups.filter(pk=here[0].group_id).first()
        return own
    return None


# --- recording


@login_required
@require_http_methods(["GET", "POST"])
def record(request: SignedInRequest) -> HttpResponse:
    """Record a meeting, or plan one: one screen, one form, two buttons."""
    place = _place_for(request)
    require(rules.may_record(request.user, place.organization, place.group))
    return _record(request, place, None)


@login_required
@require_http_methods(["GET", "POST"])
def record_planned(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record what was planned, or change the plan."""
    activity = _activity_for(request, pk)
    require(rules.may_record_plan(request.user, activity))
    return _record(request, _Place(activity.organization, activity.group), activity)


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct a record that has an error; the version before stays."""
    activity = _activity_for(request, pk)
    require(rules.may_correct(request.user, activity))
    return _record(request, _Place(activity.organization, activity.group), activity)


def _record(request: SignedInRequest, place: _Place, activity: Activity | None) -> HttpResponse:
    now = timezone.now()
    correcting = activity is not None and not activity.is_planned
    form = _form(request, place, activity, now, correcting=correcting)
    asked_again = "switch" in request.POST or "more" in request.POST
    if request.method == "POST" and not asked_again and form.is_valid():
        try:
            with transaction.atomic():
                return _save(request, place, activity, form, now, correcting=correcting)
        except Faulty as error:
            form.blame(error)
    if asked_again:
        form = _unbound(form)
        _focus_on_new(form, request.POST.get("more", ""))
    context = _context(place, activity, form, correcting=correcting)
    template = f"{RECORD}#record" if request.htmx else RECORD
    response = render(request, template, context)
    if "switch" in request.POST and activity is None:
        response["HX-Replace-Url"] = _address(place, form.situation.what)
    return response


def _address(place: _Place, what: str) -> str:
    """Where the same screen opens again, so that a draft is found after a reload."""
    asked = {"organization": place.organization.pk, "what": what}
    if place.group:
        asked["group"] = place.group.pk
    return f"{reverse('activities:record')}?{urlencode(asked)}"


def _focus_on_new(form: RecordForm, more: str) -> None:
    """The field somebody just asked for is where they go on."""
    last = {
        "decision": f"decision_{form.situation.decisions - 1}",
        "follow_up": f"task_{form.situation.follow_ups - 1}",
    }.get(more)
    if last:
        form.fields[last].widget.attrs["autofocus"] = True


def day_written(text: str, otherwise: date) -> date:
    """The day of a moment as it was typed; ``otherwise`` where it is none, or none of ``YEARS``:
    what is reckoned from it has to be a day too. What is wrong with it the form says."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return otherwise
    return moment.date() if moment and moment.year in YEARS else otherwise


def _form(
    request: SignedInRequest,
    place: _Place,
    activity: Activity | None,
    now: datetime,
    *,
    correcting: bool,
) -> RecordForm:
    today = timezone.localdate(now)
    cls = CorrectForm if correcting else RecordForm
    if request.method == "POST":
        data = request.POST
        made = situations.situation(
            place.organization,
            place.group,
            day_written(data.get("starts_at", ""), activity.held_on if activity else today),
            what=data.get("what", ""),
            also=data.getlist("also"),
            planned=activity,
            decisions=situations.repeated(data, "decision_", DECISIONS)
            + (data.get("more") == "decision"),
            follow_ups=situations.repeated(data, "task_", FOLLOW_UPS)
            + (data.get("more") == "follow_up"),
        )
        return cls(made, data)
    if activity is not None:
        return _form_of(activity, cls)
    return _fresh_form(request, place, now, cls)


def _form_of(activity: Activity, cls: type[RecordForm]) -> RecordForm:
    prefetch_related_objects([activity], "decisions")
    made = situations.of_activity(activity)
    initial = {**initial_of(activity), "what": made.what, "also": made.also}
    if activity.is_planned:
        initial["absent"] = [str(pk) for pk in made.asked]
        initial |= {f"reason_{pk}": reason for pk, reason in made.asked.items()}
        initial.setdefault("chair", "")
    return cls(made, initial=initial | _usual(made, initial))


def _fresh_form(
    request: SignedInRequest, place: _Place, now: datetime, cls: type[RecordForm]
) -> RecordForm:
    today = timezone.localdate(now)
    obligation = request.GET.get("obligation", "")
    what = f"o{obligation}" if obligation.isdecimal() else request.GET.get("what", "")
    made = situations.situation(
        place.organization, place.group, today, what=what or situations.NEAREST
    )
    start: datetime | None = local_now_rounded(now)
    owed = made.chosen()
    if owed and owed.makes_up:
        start = None  # when it was held is for the user to say
    last = (
        Activity.objects.filter(organization=place.organization, group=place.group)
        .exclude(place="")
        .latest_first()
        .first()
    )
    initial = {
        "what": made.what,
        "starts_at": start,
        "place": last.place if last else "",
        "theme": request.GET.get("theme", "")[:100],
    }
    return cls(made, initial=initial | _usual(made, initial))


def _usual(made: Situation, initial: dict[str, Any]) -> dict[str, str]:
    """Chair and recorder as they usually are, where nothing is written yet."""
    expected = {e.person.pk for e in made.roll}
    found: dict[str, str] = {}
    if not initial.get("chair"):
        kinds = [c.kind for c in made.held()]
        chair = queries.usual_chair(made.organization, kinds, made.day, group=made.group)
        if chair in expected:
            found["chair"] = str(chair)
    if not initial.get("recorder"):
        others = [str(e.person.pk) for e in made.roll if str(e.person.pk) != found.get("chair")]
        if others:
            found["recorder"] = others[0]
    return found


def _unbound(form: RecordForm) -> RecordForm:
    """The same form showing what was typed, without judging it yet."""
    initial = {}
    for name, control in form.fields.items():
        value = control.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        if value not in (None, "", []) or name in form.data:
            initial[name] = value
    made = type(form)(form.situation, initial=initial)
    for name, value in _usual(form.situation, initial).items():
        if not initial.get(name):
            made.initial[name] = value
    return made


def _context(
    place: _Place, activity: Activity | None, form: RecordForm, *, correcting: bool
) -> dict[str, Any]:
    made = form.situation
    owed = made.chosen()
    held = made.held()
    voting = next((c for c in held if c.kind.vote), None)
    repeated = None
    theme = form["theme"].value() or ""
    if held and theme:
        repeated = queries.repeated_theme(
            made.organization,
            theme=theme,
            choices=held,
            day=made.day,
            apart_from=activity.pk if activity else None,
        )
    return {
        "organization": place.organization,
        "group": place.group,
        "groups": list(place.organization.groups.filter(until=None).order_by("pk")),
        "activity": activity,
        "form": form,
        "correcting": correcting,
        "owed": owed,
        "cited": owed.cited if owed else (held[0].cited if held else ""),
        "rule_url": owed.rule_url if owed else (held[0].rule_url if held else ""),
        "frequency": owed.duty.in_words() if owed else "",
        "held": held,
        "voting": voting,
        "vote": _vote_data(voting) if voting else None,
        "repeated": repeated,
        "ticks": _ticks(made),
        "at_the_table": _at_the_table(form),
        "draft": _draft_of(place, activity, form),
    }


@dataclass(frozen=True, slots=True)
class _DraftKey:
    """Under what a device keeps what is typed here.

    Drafts of one ``family`` stand for different meetings of one place: each offers the
    others by ``title`` and ``url``.
    """

    key: str
    family: str = ""
    title: str = ""
    url: str = ""


def _draft_of(place: _Place, activity: Activity | None, form: RecordForm) -> _DraftKey:
    if activity is not None:
        return _DraftKey(f"activity:{activity.pk}")
    family = f"record:{place.organization.pk}:{place.group.pk if place.group else 0}:"
    made = form.situation
    owed = made.chosen()
    held = made.held()
    title = owed.label if owed else held[0].title if held else "没选是什么会的"
    return _DraftKey(f"{family}{made.what}", family, title, _address(place, made.what))


def _at_the_table(form: RecordForm) -> str:
    """主持 顾长林，记录 倪秀兰, as far as chosen."""
    names = {str(e.person.pk): e.person.name for e in form.situation.roll}
    parts = [("chair", "主持"), ("recorder", "记录"), ("speaker", "主讲")]
    chosen = [
        f"{label} {names[str(form[field].value())]}"
        for field, label in parts
        if field in form.fields and str(form[field].value()) in names
    ]
    return "，".join(chosen) or "主持、记录"


def _vote_data(choice: queries.Choice) -> dict[str, Any]:
    """The rule in numbers, for the line that shows a vote before it is saved."""
    spec = choice.kind.vote
    assert spec is not None
    parts = {}
    for name, share in (("attendance", spec.attendance), ("majority", spec.majority)):
        top, _, bottom = share.share.partition("/")
        parts[name] = {"top": top, "bottom": bottom or "1", "more": share.more_than, "of": share.of}
    return {**parts, "cited": choice.cited, "rule_url": choice.rule_url}


def _ticks(made: Situation) -> list[str]:
    """What of the duties this sitting would tick, each once."""
    held = {k.reference for k in made.kinds()}
    found = []
    for owed in made.owed:
        counts = held & set(owed.duty.fulfilled_by) and owed.makes_up is None
        if counts or owed.value == made.what:
            found.append(owed.duty.short or owed.duty.title)
    return list(dict.fromkeys(found))


def _save(
    request: SignedInRequest,
    place: _Place,
    activity: Activity | None,
    form: RecordForm,
    now: datetime,
    *,
    correcting: bool,
) -> HttpResponse:
    draft, user = form.draft(), request.user
    key = _draft_of(place, activity, form).key
    if activity is None:
        Organization.objects.select_for_update().get(pk=place.organization.pk)
        before = queries.sent_before(place.organization, place.group, draft, by=user, at=now)
        if before is not None:
            messages.success(request, "刚才已经存好了，没有再存一次。", extra_tags=key)
            return redirect(before)
    if request.POST.get("do") == "plan" and not correcting:
        if activity is not None:
            planned = actions.replan(activity, draft, by=user, at=now)
        else:
            planned = actions.plan(place.organization, draft, group=place.group, by=user, at=now)
        messages.success(request, f"{_called(planned)}已计划。", extra_tags=key)
        return redirect(planned)
    if correcting:
        assert activity is not None
        reason = form.cleaned_data["reason"]
        saved = actions.correct(activity, draft, reason=reason, by=user, at=now)
    else:
        saved = actions.record(
            place.organization, draft, group=place.group, planned=activity, by=user, at=now
        )
    messages.success(
        request, _said(saved, len(form.situation.roll) - len(draft.absences)), extra_tags=key
    )
    return redirect(saved.activity)


def _called(activity: Activity) -> str:
    return "、".join(kind.title for kind in activity.kinds_in_order())


def _said(saved: actions.Saved, present: int) -> str:
    """党员大会已办，19 人到会。"""
    name = _called(saved.activity)
    done = "已办" if any(row.done_on for row in saved.obligations) else "已保存"
    parts = [f"{name}{done}"]
    if present:
        parts.append(f"{present} 人到会")
    if saved.follow_ups:
        parts.append(f"派了 {saved.follow_ups} 件事")
    incomplete = [r for r in saved.obligations if not r.done_on]
    if incomplete or (not saved.obligations and saved.activity.items):
        parts.append("规定动作没有做齐，这一项还不算办")
    return "，".join(parts) + "。"


# --- reading


@login_required
@require_safe
def activity_list(request: SignedInRequest) -> HttpResponseBase:
    """Activities one may see, latest first; narrowed by the filter, to Excel with ?export=1."""
    organization = _narrowed(request)
    rows = Activity.objects.visible_to(request.user)
    if organization:
        rows = rows.filter(organization=organization)
    form = ListFilter(queries.kinds_to_choose(), request.GET or None)
    if form.is_bound and form.is_valid():
        rows = filtered(rows, form.cleaned_data)
    rows = (
        rows.select_related("organization", "group")
        .prefetch_related(Prefetch("kinds", KindOf.objects.order_by("pk")))
        .latest_first()
    )
    if "export" in request.GET:
        return long_file(request, rows) or _exported(queries.attended(rows.iterator(1000)))
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "page": page,
        "rows": list(queries.attended(page.object_list)),
        "form": form,
        "is_asked": form.is_bound,
        "organization": organization,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "may_record": standing.may_anywhere(request.user, "activities.record"),
    }
    return render(request, "activities/activity_list.html", context)


def _narrowed(request: SignedInRequest) -> Organization | None:
    asked = request.GET.get("organization", "")
    if not asked.isdecimal():
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def filtered(rows: Any, asked: dict[str, Any]) -> Any:
    if asked["q"]:
        rows = rows.filter(queries.called(asked["q"]))
    if asked["kind"]:
        rows = rows.filter(kinds__reference=asked["kind"])
    if asked["status"]:
        rows = rows.filter(status=asked["status"])
    if asked["since"]:
        rows = rows.filter(held_on__gte=asked["since"])
    if asked["until"]:
        rows = rows.filter(held_on__lte=asked["until"])
    return rows


def _exported(rows: Iterable[queries.Attended]) -> FileResponse:
    columns = [
        excel.Column("组织", 24),
        excel.Column("活动", 20),
        excel.Column("主题", 30),
        excel.Column("时间", 17),
        excel.Column("地点", 18),
        excel.Column("应到", 8),
        excel.Column("到会", 8),
        excel.Column("状态", 10),
        excel.Column("记录时间", 17),
    ]
    cells = (
        (
            " ".join(filter(None, [row.organization.name, row.group.name if row.group else ""])),
            "、".join(kind.title for kind in row.kinds.all()),
            row.theme,
            timezone.localtime(row.starts_at) if row.is_time_known else row.held_on,
            row.place,
            one.due if one.is_counted else None,
            one.present if one.is_counted else None,
            row.get_status_display() + ("，补录" if row.is_brought_in else ""),
            timezone.localtime(row.recorded_at) if row.recorded_at else None,
        )
        for one in rows
        for row in [one.activity]
    )
    today = timezone.localdate()
    file = excel.file("活动", columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"活动{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def of_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sittings of one person in a year; oneself all of them, others those they may see."""
    user, today = request.user, timezone.localdate()
    person = get_object_or_404(Person.objects.visible_to(user).select_related("home"), pk=pk)
    asked = request.GET.get("year", "")
    is_year = asked.isdecimal() and len(asked) == 4 and int(asked) in _years(today)
    year = int(asked) if is_year else today.year
    since, until = date(year, 1, 1), date(year + 1, 1, 1)
    visible = Activity.objects.visible_to(user).filter(held_on__gte=since, held_on__lt=until)
    open_ = set(visible.filter(participations__person=person).values_list("pk", flat=True))
    rows = queries.sittings_of(person.pk, since, until)
    is_own = user.person_id == person.pk
    found: list[Any] = [row for row in rows if is_own or row.activity_id in open_]
    for row in found:
        row.titles = "、".join(kind.title for kind in row.activity.kinds.all())
    if "export" in request.GET:
        return _sittings_exported(person, year, found)
    due = [row for row in found if row.is_due]
    context = {
        "person": person,
        "is_own": is_own,
        "back": reverse("people:me") if is_own else person.get_absolute_url(),
        "year": year,
        "years": _years(today),
        "rows": found,
        "open": open_,
        "attendance": Attendance(len(due), sum(row.status == "present" for row in due)),
    }
    return render(request, "activities/activity_of_person.html", context)


def _years(today: date) -> list[int]:
    return list(range(today.year, today.year - 5, -1))


def _sittings_exported(person: Person, year: int, rows: Sequence[Any]) -> HttpResponse:
    columns = [
        excel.Column("活动", 24),
        excel.Column("日期", 12),
        excel.Column("哪个支部", 30),
        excel.Column("应到", 8),
        excel.Column("怎样", 10),
        excel.Column("原因", 14),
    ]
    cells = (
        (
            row.titles,
            row.activity.held_on,
            row.activity.organization.name
            + (row.activity.group.name if row.activity.group else ""),
            row.is_due,
            row.get_status_display(),
            row.get_reason_display() if row.reason else "",
        )
        for row in rows
    )
    title = f"{person.name} {year} 年组织生活"
    content = excel.workbook(title, columns, cells)
    return download(content, name=f"{title}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    activity = _activity_for(request, pk)
    user = request.user
    filing = Filing.objects.filter(activity=activity).select_related("to").first()
    asks = bool(activity.theme and not filing) and actions.filing_asked(activity) is not None
    context = {
        "activity": activity,
        "title": _called(activity),
        **(_expected(activity) if activity.is_planned else _what_happened(activity)),
        "filing": filing,
        "attachments": files.of(actions.SOURCE, [activity.pk]).get(activity.pk, []),
        "upload": AttachForm(),
        "may_confirm": rules.may_confirm(user, activity),
        "may_correct": rules.may_correct(user, activity),
        "may_cancel": rules.may_cancel(user, activity),
        "may_void": rules.may_void(user, activity),
        "may_record": rules.may_record_plan(user, activity),
        "may_file": rules.may_file(user, activity, asks) if asks else None,
        "may_receive": rules.may_receive(user, filing) if filing else None,
        "may_ask_leave": rules.may_ask_leave(user, activity, user.person_id or 0),
    }
    return render(request, "activities/activity_detail.html", context)


def _expected(activity: Activity) -> dict[str, Any]:
    """What there is of a plan: who will not come."""
    leaves = activity.leaves.select_related("person", "asked_by").order_by("pk")
    return {"leaves": list(leaves)}


def _what_happened(activity: Activity) -> dict[str, Any]:
    """Who came, what was decided, what follows, which duties it ticked. Seven queries."""
    people = list(activity.participations.select_related("person").order_by("pk"))
    return {
        "present": [p for p in people if p.status == "present"],
        "absent": [p for p in people if p.status == "absent"],
        "observers": [p for p in people if p.status == "observer"],
        "due": sum(p.is_due for p in people),
        "decisions": list(activity.decisions.order_by("number")),
        "tasks": list(
            Assignment.objects.filter(source_type=actions.SOURCE, source_id=activity.pk)
            .select_related("owner")
            .order_by("due_on")
        ),
        "ticks": minutes.ticked(activity),
        "outcomes": minutes.outcomes(activity),
        "revisions": list(activity.revisions.select_related("corrected_by").order_by("-number")),
    }


@login_required
@require_safe
def minutes_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The minutes as a Word file; only of what has taken place."""
    activity = _activity_for(request, pk)
    if not activity.has_taken_place:
        raise Http404
    code = printed.code(actions.SOURCE, activity.pk, request)
    data = minutes.data_of(activity, at=timezone.now(), code=code)
    return download(paper.compose(data), name=f"{paper.name(data)}.docx", content_type=minutes.WORD)


@login_required
@require_POST
def attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add files to a record; a bad one refuses all, and says which."""
    activity = _activity_for(request, pk)
    require(rules.may_record(request.user, activity.organization, activity.group))
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        context = {"activity": activity, "title": _called(activity), "form": form}
        return render(request, "activities/activity_attach.html", context)
    now = timezone.now()
    for prepared in form.cleaned_data["uploads"]:
        attaching.attach(
            prepared,
            owner_type=actions.SOURCE,
            owner_id=activity.pk,
            organization=activity.organization_id,
            by=request.user,
            at=now,
        )
    messages.success(request, f"加了 {len(form.cleaned_data['uploads'])} 个附件。")
    return redirect(activity)


# --- one-touch verbs


@login_required
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    activity = actions.confirm(_activity_for(request, pk), by=request.user, at=timezone.now())
    messages.success(request, "已确认。")
    return redirect(activity)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    activity = _activity_for(request, pk)
    require(rules.may_cancel(request.user, activity))
    return _with_reason(request, activity, actions.cancel, verb="取消活动", done="已取消。")


@login_required
@require_http_methods(["GET", "POST"])
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    activity = _activity_for(request, pk)
    require(rules.may_void(request.user, activity))
    return _with_reason(request, activity, actions.void, verb="作废记录", done="已作废，不再算办。")


def _with_reason(
    request: SignedInRequest, activity: Activity, action: Any, *, verb: str, done: str
) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        action(activity, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, done)
        return redirect(activity)
    context = {"activity": activity, "title": _called(activity), "form": form, "verb": verb}
    return render(request, "activities/activity_reason.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def leave(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask leave; whoever records there may ask for somebody they help."""
    activity = _activity_for(request, pk)
    user = request.user
    helps = bool(rules.may_record(user, activity.organization, activity.group))
    require(rules.may_ask_leave(user, activity, user.person_id or 0))
    people = roll_of(activity) if helps else []
    form = LeaveForm(people, request.POST or None, own=user.person_id)
    if request.method == "POST" and form.is_valid():
        person = get_object_or_404(Person, pk=form.cleaned_data["person_id"])
        reason = form.cleaned_data["reason"]
        actions.ask_leave(activity, person=person, reason=reason, by=user, at=timezone.now())
        messages.success(
            request, f"已替{person.name}请假。" if person.pk != user.person_id else "已请假。"
        )
        return redirect("desk:home" if not helps else activity.get_absolute_url())
    context = {"activity": activity, "title": _called(activity), "form": form}
    return render(request, "activities/activity_leave.html", context)


def roll_of(activity: Activity) -> list[queries.Expected]:
    """Who is expected at what is planned."""
    choices = queries.kinds_in_force(activity.organization, activity.held_on, group=activity.group)
    held = {kind.reference for kind in activity.kinds_in_order()}
    kinds = [c.kind for c in choices if c.reference in held]
    return queries.roll(activity.organization, kinds, activity.held_on, group=activity.group)


@login_required
@require_POST
def file_theme(request: SignedInRequest, pk: int) -> HttpResponse:
    activity = _activity_for(request, pk)
    filing = actions.file_theme(activity, by=request.user, at=timezone.now())
    messages.success(request, f"主题已报{filing.to.called}。")
    return redirect(activity)


@login_required
@require_safe
def filings(request: SignedInRequest) -> HttpResponse:
    """Themes filed with organisations where the user receives them, unreceived first."""
    rows = (
        Filing.objects.received_where(request.user)
        .select_related("activity__organization", "to", "received_by")
        .order_by("received_at", "-filed_at")
    )
    page = Paginator(rows, PAGE).get_page(page_number(request))
    waiting = rows.filter(received_at=None).count()
    return render(request, "activities/filings.html", {"page": page, "waiting": waiting})


@login_required
@require_POST
def receive(request: SignedInRequest, pk: int) -> HttpResponse:
    filing = get_object_or_404(Filing.objects.visible_to(request.user), pk=pk)
    actions.receive_theme(filing, by=request.user, at=timezone.now())
    messages.success(request, "已签收。")
    return redirect("activities:filings")
