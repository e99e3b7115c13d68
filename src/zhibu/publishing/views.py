from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import disclosures, excel, hats, standing
from zhibu.core.disclosures import Draft, Record
from zhibu.core.forms import FieldsForm
from zhibu.core.http import (
    SignedInRequest,
    download,
    download_file,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import Verdict, require
from zhibu.core.waiting import long_file
from zhibu.documents.pages import TYPE as WORD
from zhibu.ledger import printed
from zhibu.organizations.models import Organization
from zhibu.people.queries import choosable
from zhibu.publishing import actions, drafting, papers, queries, rules, topics
from zhibu.publishing.actions import Proposal
from zhibu.publishing.forms import (
    AnswerForm,
    CheckForm,
    EndForm,
    ListFilter,
    PostForm,
    ProposeForm,
    PublishForm,
    ReasonForm,
    attempted,
)
from zhibu.publishing.models import Posting, Publication, Voice
from zhibu.publishing.topics import Topic

PAGE = 30
COLUMNS = (("标题", 36), ("哪一项", 16), ("组织", 24), ("给谁看", 16), ("状态", 10),
           ("第几版", 8), ("哪天公开", 12), ("至少挂到", 12), ("哪天前再看", 12), ("提出", 12),
           ("审核", 12), ("审批", 12), ("为什么退回、撤下", 30))  # fmt: skip


# --- lists


@login_required
@require_safe
def publication_list(request: SignedInRequest) -> HttpResponseBase:
    """What is on its way, out, hanging or over within one's reach; to Excel."""
    user, today = request.user, timezone.localdate()
    form = ListFilter(topics.titles(), request.GET)
    form.is_valid()
    asked = form.cleaned_data
    is_staff = standing.may_anywhere(user, "publishing.view")
    view = asked.get("view") or ("way" if is_staff else "published")
    place = _place(request)
    rows = queries.listed(
        user, view, today, place=place, topic=asked.get("topic") or "", text=asked.get("q") or ""
    )
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows, view, today)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "lines": queries.lines(list(page), today),
        "view": view,
        "place": place,
        "form": form,
        "is_asked": bool(asked.get("q") or asked.get("topic")),
        "is_staff": is_staff,
        "may_propose": bool(hat and hat.organization_id and hat.may("publishing.propose")),
        "may_answer": standing.may_anywhere(user, "publishing.answer"),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "publishing/publication_list.html", context)


def _place(request: SignedInRequest) -> Organization | None:
    """The organisation the list is narrowed to, as its page asks."""
    asked = request.GET.get("organization", "")
    if not asked.isdecimal() or len(asked) > 12:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def _exported(rows: Any, view: str, today: date) -> HttpResponseBase:
    titles = topics.titles()
    found = rows.select_related("organization", "proposed_by", "checked_by", "approved_by")
    cells = (
        (
            one.title, titles.get(one.topic, one.topic), one.organization.name,
            one.get_scope_display(), one.get_state_display(), one.version, one.published_on,
            one.hang_until, one.review_on, one.proposed_by.display_name,
            one.checked_by.display_name if one.checked_by else "",
            one.approved_by.display_name if one.approved_by else "", one.stopped_because,
        )
        for one in found.iterator(1000)
    )  # fmt: skip
    name = f"公开（{queries.VIEWS[view]}）"
    columns = [excel.Column(*one) for one in COLUMNS]
    file = excel.file(name, columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"{name}{today}.xlsx", content_type=excel.TYPE)


def _organization(request: SignedInRequest, pk: int) -> Organization:
    """An organisation at which ``request.user`` sees what is on its way; 404 for any other."""
    rows = Organization.objects.visible_to(request.user).select_related("parent")
    found: Organization = get_object_or_404(rows, pk=pk)
    if not standing.may(request.user, "publishing.view", found.path):
        raise Http404
    return found


@login_required
@require_safe
def due(request: SignedInRequest) -> HttpResponse:
    """What an organisation makes public by the catalogues in force there, and what is owed now."""
    hat = hats.worn(request)
    asked = request.GET.get("organization", "")
    number = int(asked) if asked.isdecimal() and len(asked) <= 12 else 0
    place = _organization(request, number or (hat and hat.organization_id) or 0)
    context = {
        "place": place,
        "due": queries.due(place, timezone.localdate()),
        "may_propose": rules.may_propose(request.user, place),
    }
    return render(request, "publishing/due.html", context)


# --- proposing


@login_required
@require_safe
def from_record(request: SignedInRequest) -> HttpResponse:
    """The way from a record to the topics it may be made public under."""
    source, record = request.GET.get("source", ""), request.GET.get("record", "")
    if source not in disclosures.names() or not record.isdecimal() or len(record) > 12:
        raise Http404
    place = disclosures.get(source).sees(request.user, int(record))
    if place is None:
        raise Http404
    organization = _organization(request, place)
    require(rules.may_propose(request.user, organization))
    found = []
    for topic in topics.in_force(organization, timezone.localdate()).values():
        mine = drafting.offered(
            request.user, organization, topic, source=source, record=int(record)
        )
        if mine:
            found.append((topic, mine))
    context = {"place": organization, "found": found}
    return render(request, "publishing/from_record.html", context)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a proposal is to be about."""

    topic: Topic
    source: str
    record: Record | None
    draft: Draft | None
    replaces: Publication | None


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: SignedInRequest, organization: int) -> HttpResponse:
    """Choose what it is drawn from, see it as outsiders will, add words, see these too, propose."""
    place = _organization(request, organization)
    require(rules.may_propose(request.user, place))
    topic = topics.in_force(place, timezone.localdate()).get(request.GET.get("topic", ""))
    if topic is None:
        raise Http404
    wanted = request.GET.get("record", "")
    if not wanted:
        return _choose(request, place, topic)
    asked = _asked(request, place, topic, wanted)
    form = _propose_form(request, place, asked)
    made: list[Publication] = []
    seen = None
    if "look" in request.POST:
        form.is_valid()
        said, drawn = form.cleaned_data, asked.draft.title if asked.draft else ""
        seen = drafting.seen(said.get("title", ""), said.get("note", ""), drawn)
    elif (
        request.method == "POST"
        and form.is_valid()
        and attempted(form, lambda: made.append(_proposed(request, place, asked, form)))
    ):
        saved(request, "提出了，等别人审核。", draft=f"publish:{topic.token}:{wanted}")
        return redirect(made[0])
    context = {
        "place": place,
        "topic": topic,
        "asked": asked,
        "form": form,
        "seen": seen,
        "draft_key": f"publish:{topic.token}:{wanted}",
    }
    return render(request, "publishing/propose.html", context)


def _choose(request: SignedInRequest, place: Organization, topic: Topic) -> HttpResponse:
    context = {
        "place": place,
        "topic": topic,
        "offered": drafting.offered(request.user, place, topic),
        "replaces": _number(request.GET.get("replaces", "")) or "",
    }
    return render(request, "publishing/choose.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= 12 else None


def _asked(request: SignedInRequest, place: Organization, topic: Topic, wanted: str) -> _Asked:
    """404 for a record that cannot be drafted here, and for a version of something else."""
    earlier = None
    if number := _number(request.GET.get("replaces", "")):
        rows = Publication.objects.published().filter(organization=place, topic=topic.token)
        earlier = get_object_or_404(rows, pk=number)
    if wanted == "none":
        return _Asked(topic, "", None, None, earlier)
    source, _, rest = wanted.partition(":")
    number = _number(rest.partition(":")[0])
    if number is None:
        raise Http404
    for one in drafting.offered(request.user, place, topic, source=source, record=number):
        if one.key == wanted:
            draft = drafting.compose(one.source, one.candidate.record)
            return _Asked(topic, one.source, one.candidate.record, draft, earlier)
    raise Http404


def _propose_form(request: SignedInRequest, place: Organization, asked: _Asked) -> ProposeForm:
    people: list[tuple[int, str]] = []
    if asked.topic.is_for_named:
        people = choosable(place.pk, timezone.localdate())
    initial: dict[str, Any] = {}
    if asked.draft:
        initial["title"] = asked.draft.title
    elif asked.replaces:
        initial |= {"title": asked.replaces.title, "note": asked.replaces.note}
    return ProposeForm(
        asked.topic, people, request.POST or None, is_drawn=asked.record is not None,
        may_be_followed=asked.draft is None or asked.draft.may_be_followed, initial=initial,
    )  # fmt: skip


def _proposed(
    request: SignedInRequest, place: Organization, asked: _Asked, form: ProposeForm
) -> Publication:
    data = form.cleaned_data
    proposal = Proposal(
        topic=asked.topic.token, title=data["title"], note=data["note"], source=asked.source,
        record=asked.record, since=data.get("since"), until=data.get("until"),
        is_followed=bool(data.get("is_followed")),
        audience=[int(pk) for pk in data.get("audience", [])],
        replaces=asked.replaces.pk if asked.replaces else None,
    )  # fmt: skip
    return actions.propose(place, proposal, by=request.user, at=timezone.now())


# --- one publication


def _publication_for(request: SignedInRequest, pk: int) -> Publication:
    rows = Publication.objects.visible_to(request.user)
    found: Publication = get_object_or_404(
        rows.select_related(
            "organization__parent", "proposed_by", "checked_by", "approved_by", "published_by",
            "stopped_by",
        ),
        pk=pk,
    )  # fmt: skip
    return found


def _is_staff(request: SignedInRequest, publication: Publication) -> bool:
    return standing.may(request.user, "publishing.view", publication.organization.path)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One publication: what outsiders see of it, where it is, what can be done now."""
    return _page(request, _publication_for(request, pk))


def _page(request: SignedInRequest, publication: Publication, **failed: FieldsForm) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    topic = topics.worded(publication.topic, publication.wording)
    is_staff = _is_staff(request, publication)
    asks = queries.asks_receipts(publication)
    source = publication.source if publication.source in disclosures.names() else ""
    seen = bool(source) and is_staff
    status = queries.statuses([publication]).get(publication.pk)
    context = {
        "publication": publication,
        "topic": topic,
        "is_staff": is_staff,
        "status": status,
        "hung": queries.hung(publication, today) if publication.is_out else [],
        "versions": queries.versions(publication),
        "answered": queries.answered_in_public(publication) if publication.is_public else [],
        "record_url": disclosures.get(source).address(publication.record)
        if seen and publication.record and disclosures.get(source).sees(user, publication.record)
        else "",
        "steps": _steps(request, publication, failed),
        "may_look_again": publication.review_on is not None
        and rules.may_look_again(request.user, publication),
        "may_withdraw": publication.is_standing and rules.may_withdraw(user, publication),
        "may_post": publication.is_standing and rules.may_post(user, publication),
        "may_renew": publication.is_standing
        and is_staff
        and rules.may_propose(user, publication.organization),
        "asks_receipts": asks,
        "may_read": asks
        and not queries.has_read(user, publication)
        and rules.may_read(user, publication),
        "hangs": publication.hangs_on(today),
        "today": today,
    }
    return render(request, "publishing/publication_detail.html", context)


@dataclass(frozen=True, slots=True)
class _Step:
    """What comes next: its form, or why one may not."""

    name: str
    title: str
    button: str
    form: FieldsForm
    verdict: Verdict


def _steps(
    request: SignedInRequest, publication: Publication, failed: dict[str, FieldsForm]
) -> list[_Step]:
    """The one step that comes next, and sending back, or for whoever proposed taking it back; none
    once it is out."""
    user = request.user
    match publication.state:
        case Publication.State.DRAFTED:
            form: FieldsForm = CheckForm(actions.questions(publication))
            verdict, step = rules.may_check(user, publication), ("check", "审核", "审核通过")
        case Publication.State.CHECKED:
            form = FieldsForm()
            verdict, step = rules.may_approve(user, publication), ("approve", "审批", "同意公开")
        case Publication.State.APPROVED:
            form = PublishForm(actions.least(publication, timezone.localdate()))
            verdict, step = rules.may_publish(user, publication), ("publish", "公开", "公开")
        case _:
            return []
    found = [_Step(*step, failed.get(step[0], form), verdict)]
    back = rules.may_return(user, publication)
    if back:
        word = "收回" if rules.is_own(user, publication) else "退回"
        found.append(_Step("return", word, word, failed.get("return", ReasonForm()), back))
    return found


def _act(
    request: SignedInRequest,
    publication: Publication,
    verdict: Verdict,
    form: FieldsForm,
    act: Callable[[], object],
    *,
    name: str,
    said: str,
) -> HttpResponse:
    """Ask the rule, validate, act once, go back to the page; with what is wrong where it is."""
    require(verdict)
    if form.is_valid() and attempted(form, act):
        saved(request, said)
        return redirect(publication)
    return _page(request, publication, **{name: form})


@login_required
@require_POST
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    publication = _publication_for(request, pk)
    form = CheckForm(actions.questions(publication), request.POST)
    return _act(
        request, publication, rules.may_check(request.user, publication), form,
        lambda: actions.check(
            publication, looked_at=form.cleaned_data["checks"], by=request.user, at=timezone.now()
        ),
        name="check", said="审核通过，等审批。",
    )  # fmt: skip


@login_required
@require_POST
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    publication = _publication_for(request, pk)
    return _act(
        request, publication, rules.may_approve(request.user, publication),
        FieldsForm(request.POST),
        lambda: actions.approve(publication, by=request.user, at=timezone.now()),
        name="approve", said="同意了，可以公开。",
    )  # fmt: skip


@login_required
@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    publication = _publication_for(request, pk)
    form = PublishForm(actions.least(publication, timezone.localdate()), request.POST)
    return _act(
        request, publication, rules.may_publish(request.user, publication), form,
        lambda: actions.publish(
            publication, by=request.user, at=timezone.now(), until=form.cleaned_data["until"]
        ),
        name="publish", said="公开了。",
    )  # fmt: skip


@login_required
@require_POST
def send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    publication = _publication_for(request, pk)
    form = ReasonForm(request.POST)
    said = "收回了。" if rules.is_own(request.user, publication) else "退回了。"
    return _act(
        request, publication, rules.may_return(request.user, publication), form,
        lambda: actions.send_back(
            publication, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        ),
        name="return", said=said,
    )  # fmt: skip


def _form_page(
    request: SignedInRequest, publication: Publication, form: FieldsForm, title: str, lead: str,
    button: str,
) -> HttpResponse:  # fmt: skip
    context = {
        "publication": publication, "form": form, "title": title, "lead": lead, "button": button,
    }  # fmt: skip
    return render(request, "publishing/form.html", context)


@login_required
@require_POST
def look_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """It was looked at again and still holds."""
    publication = _publication_for(request, pk)
    require(rules.may_look_again(request.user, publication))
    found = actions.look_again(publication, by=request.user, at=timezone.now())
    saved(request, f"记下了，还用。下次 {found.review_on} 前再看。")
    return redirect(publication)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    publication = _publication_for(request, pk)
    require(rules.may_withdraw(request.user, publication))
    form = ReasonForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempted(
            form,
            lambda: actions.withdraw(
                publication, reason=form.cleaned_data["reason"], by=request.user,
                at=timezone.now(),
            ),
        )
    ):  # fmt: skip
        saved(request, "撤下了，网页上马上看不到。贴在别处的请去取下，登记日子。")
        return redirect(publication)
    lead = "网页上马上看不到。"
    if publication.hangs_on(timezone.localdate()):
        lead += f"还没有挂到 {publication.hang_until}，现在撤下不算公开过。"
    return _form_page(request, publication, form, "撤下", lead, "撤下")


@login_required
@require_http_methods(["GET", "POST"])
def post(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note where else it was made public."""
    publication = _publication_for(request, pk)
    require(rules.may_post(request.user, publication))
    form = PostForm(request.POST or None, initial={"posted_on": timezone.localdate()})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempted(
            form,
            lambda: actions.post(publication, **form.cleaned_data, by=request.user,
                                 at=timezone.now()),
        )
    ):  # fmt: skip
        saved(request, "登记了。")
        return redirect(publication)
    return _form_page(request, publication, form, "登记贴在哪里", "一处登记一次。", "登记")


@login_required
@require_http_methods(["GET", "POST"])
def end_posting(request: SignedInRequest, pk: int, posting: int) -> HttpResponse:
    """Note the last day on which it was seen at a place."""
    publication = _publication_for(request, pk)
    require(rules.may_propose(request.user, publication.organization))
    found = get_object_or_404(Posting, pk=posting, publication=publication)
    form = EndForm(request.POST or None, initial={"until": timezone.localdate()})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempted(
            form,
            lambda: actions.end_posting(
                found, until=form.cleaned_data["until"], by=request.user, at=timezone.now()
            ),
        )
    ):
        saved(request, "登记了。")
        return redirect(publication)
    lead = f"{found.get_channel_display()} {found.place}，{found.posted_on} 起"
    return _form_page(request, publication, form, "登记取下", lead, "登记")


@login_required
@require_POST
def read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that one has read it oneself."""
    publication = _publication_for(request, pk)
    actions.give_receipt(publication, by=request.user, at=timezone.now())
    saved(request, "签收了。")
    return redirect(publication)


@login_required
@require_safe
def receipts(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Who read it and who did not; to Excel."""
    publication = _publication_for(request, pk)
    if not _is_staff(request, publication):
        raise Http404
    today = timezone.localdate()
    found = queries.readers(publication, today)
    if "export" in request.GET:
        cells: list[tuple[Any, ...]] = [(person.name, "没有签收", None) for person in found.unread]
        cells += [
            (person.name, "签收了", timezone.localtime(at).replace(tzinfo=None))
            for person, at in found.read
        ]
        name = f"{publication.title}的签收"
        columns = [excel.Column("姓名", 12), excel.Column("签收", 12), excel.Column("什么时候", 18)]
        file = excel.file(name, columns, cells, note=f"截至 {today}")
        return download_file(file, name=f"{name}{today}.xlsx", content_type=excel.TYPE)
    context = {"publication": publication, "readers": found, "export": "?export=1"}
    return render(request, "publishing/receipts.html", context)


@login_required
@require_safe
def word_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The notice to print, with the code that leads to its proof; only of what is out."""
    publication = _publication_for(request, pk)
    if not publication.is_out:
        raise Http404
    now = timezone.now()
    code = printed.code(publication._meta.label_lower, publication.pk, request)
    address = ""
    if publication.is_public and publication.is_standing:
        address = printed.whole(reverse("portal:publication", args=[publication.pk]), request)
    content = papers.compose(publication, code, address=address, made_at=now)
    return download(content, name=papers.file_name(publication), content_type=WORD)


# --- voices


@login_required
@require_safe
def voice_list(request: SignedInRequest) -> HttpResponse:
    """What visitors asked and objected: what waits, or what was answered."""
    if not standing.may_anywhere(request.user, "publishing.answer"):
        raise Http404
    is_over = request.GET.get("view") == "over"
    rows = queries.voices(request.user, waiting=not is_over)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {"page": page, "is_over": is_over, "query": query_without(request, "page")}
    return render(request, "publishing/voice_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def voice(request: SignedInRequest, pk: int) -> HttpResponse:
    """One question or objection, and its answer."""
    rows = Voice.objects.visible_to(request.user).select_related(
        "publication__organization__parent", "answered_by"
    )
    found: Voice = get_object_or_404(rows, pk=pk)
    verdict = rules.may_answer(request.user, found)
    form = AnswerForm(found, request.POST or None)
    if request.method == "POST":
        require(verdict)
        if form.is_valid() and attempted(form, lambda: _answered(request, found, form)):
            saved(request, "答复了。")
            return redirect("publishing:voice", found.pk)
    context = {"voice": found, "form": form, "may_answer": verdict}
    return render(request, "publishing/voice.html", context)


def _answered(request: SignedInRequest, found: Voice, form: AnswerForm) -> Voice:
    data = form.cleaned_data
    stands = {"yes": True, "no": False}.get(data.get("stands", ""))
    return actions.answer(
        found, text=data["answer"], in_public=data["in_public"] == "yes", asked=data["asked"],
        stands=stands, by=request.user, at=timezone.now(),
    )  # fmt: skip
