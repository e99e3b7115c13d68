"""Pages for residents: the same for everybody, kept by edition; and the few forms beside them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import jobs, rate
from zhibu.core.forms import attempt
from zhibu.core.http import page_number
from zhibu.ledger import printed
from zhibu.ledger.views import limited
from zhibu.notices import actions as notices
from zhibu.notices.forms import own_path
from zhibu.organizations.models import Organization
from zhibu.organizations.queries import root
from zhibu.portal import page_queries as queries
from zhibu.portal.cache import about, kept
from zhibu.portal.page_forms import CodeForm, SumForm, VoiceForm, WordForm
from zhibu.publishing import actions as publishing
from zhibu.publishing import queries as published
from zhibu.publishing.models import Publication, PublicationQuerySet, Voice

PER_PAGE = 20
HOUR = timedelta(hours=1)
SAID_PER_HOUR, SAID_BY_ALL = 10, 500  # from one network address, and from all of them
CODES_PER_HOUR = 30
FINDS = 60  # a minute from one network address; what is kept is not counted
BUSY = "这一小时里提得太多了，请过一会儿再提；急事请打服务点的电话。"

Rows = Callable[[date], PublicationQuerySet]


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _open_organization(pk: int, today: date) -> Organization:
    """Raises ``Http404`` of one that offers residents nothing: it is not there for them."""
    organization = get_object_or_404(Organization.objects.standing_on(today), pk=pk)
    if not queries.is_open(organization, today):
        raise Http404
    return organization


# --- pages that are kept


@require_safe
@kept()
def home(request: HttpRequest) -> HttpResponse:
    """The county: what hangs now, and its open organisations."""
    today, top = timezone.localdate(), root()
    if top is None or not queries.is_open(top, today):
        return render(request, "portal/nothing.html")
    return _home(request, top, today)


@require_safe
@kept()
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    today = timezone.localdate()
    found = _open_organization(pk, today)
    return _home(request, found, today)


def _home(request: HttpRequest, found: Organization, today: date) -> HttpResponse:
    is_top = found.parent_id is None
    context = {"home": queries.home(found, today), "is_top": is_top} | _here(request)
    return about(render(request, "portal/home.html", context), found)


def _here(request: HttpRequest) -> dict[str, str]:
    """Where this page is, for paper: its address and the code of it."""
    address = f"{settings.ADDRESS}{request.path}" if settings.ADDRESS else ""
    address = address or request.build_absolute_uri(request.path)
    return {"address": address, "here_image": printed.image(address)}


@require_safe
@kept("page", "past", "like")
def notice_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Notices that hang, or with ``past`` those that have come down; ``like``: only those called
    as that one is."""
    is_past = request.GET.get("past") == "1"
    rows = queries.past_notices if is_past else queries.notices
    title = _title_of(request.GET.get("like", ""))
    asked = {"past": "1"} if is_past else {}
    if title:
        asked["like"] = request.GET["like"]
    more = {"is_past": is_past, "title": title, "query": urlencode(asked)}
    return _listed(
        request, pk, lambda day: rows(day).filter(title=title) if title else rows(day),
        "portal/notices.html", more,
    )  # fmt: skip


def _title_of(number: str) -> str:
    """What that publication is called; "" of one that is not there. One query at most."""
    if not number.isdecimal() or len(number) > 12:
        return ""
    rows = published.shown(timezone.localdate()).filter(pk=int(number))
    return rows.values_list("title", flat=True).first() or ""


@require_safe
@kept("page")
def promise_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _listed(request, pk, queries.promises, "portal/promises.html", {})


@require_safe
@kept("page")
def decision_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _listed(request, pk, queries.decisions, "portal/decisions.html", {})


def _listed(
    request: HttpRequest, pk: int, rows: Rows, template: str, more: dict[str, Any]
) -> HttpResponse:
    today = timezone.localdate()
    found = _open_organization(pk, today)
    page = Paginator(queries.below(rows(today), found), PER_PAGE).get_page(page_number(request))
    context = {
        "organization": found,
        "page": page,
        "shown": queries.listed(page.object_list, today),
        "query": "",
    }
    return about(render(request, template, context | more), found)


@require_safe
@kept()
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """What was let out, word for word; of a later or withdrawn one only that it was."""
    today = timezone.localdate()
    out = Publication.objects.select_related("organization").filter(
        scope=Publication.Scope.SOCIETY, state__in=Publication.OUT, published_on__lte=today
    )
    found = get_object_or_404(out, pk=pk)
    if found.state == Publication.State.WITHDRAWN:
        return render(request, "portal/withdrawn.html", {"publication": found}, status=410)
    context = {
        "sheet": queries.sheet(found, today),
    } | _here(request)
    return about(render(request, "portal/publication.html", context), found.organization)


@require_safe
@kept("q", "page")
@limited("portal find", FINDS)
def find(request: HttpRequest) -> HttpResponse:
    """Published text, service points and open organisations; persons are not looked for."""
    today, words = timezone.localdate(), request.GET.get("q", "")
    found = queries.find(words, today) if words else None
    context: dict[str, Any] = {"words": words, "found": found}
    if found:
        page = Paginator(found.publications, PER_PAGE).get_page(page_number(request))
        asked = request.GET.copy()
        asked.pop("page", None)
        context |= {
            "page": page,
            "shown": queries.listed(page.object_list, today, queries.topics(today)),
            "query": asked.urlencode(),
            "count": page.paginator.count + len(found.organizations) + len(found.points),
        }
    return render(request, "portal/find.html", context)


@require_safe
@kept()
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/privacy.html")


# --- forms


def _standing(pk: int) -> Publication:
    return get_object_or_404(published.shown(timezone.localdate()), pk=pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def raise_voice(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about a publication, or object to it; the code to follow it with is shown once."""
    found = _standing(pk)
    form = VoiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, codes = timezone.now(), list[str]()
        said = {name: form.cleaned_data[name] for name in ("kind", "said", "contact")}
        if not _is_held_off(
            request,
            form,
            "voice",
            now,
            has_come=lambda: published.was_raised(found, form.seal, **said),
        ) and attempt(
            form,
            lambda: codes.append(publishing.raise_voice(found, **said, seal=form.seal, at=now)),
        ):
            context = {"publication": found, "code": codes[0]}
            return render(request, "portal/voice_code.html", context)
    form.ask_anew()
    return render(request, "portal/voice.html", {"publication": found, "form": form})


def _is_held_off(
    request: HttpRequest, form: SumForm, name: str, at: datetime,
    has_come: Callable[[], bool] = lambda: False,
) -> bool:  # fmt: skip
    """Count one more from this address and from all; true, and said on the form, where it is too
    many, or where the sum has served before. The second of two clicks goes on: ``has_come`` says
    whether the very same is here."""
    if has_come():
        return False
    if not (
        rate.is_within(name, _address(request), limit=SAID_PER_HOUR, within=HOUR, at=at)
        and rate.is_within(name, limit=SAID_BY_ALL, within=HOUR, at=at)
    ):
        form.add_error(None, BUSY)
    elif not jobs.once(f"portal:sum:{form.seal}", at=at) and not has_come():
        form.add_error("total", "这一题用过了，请再算一次。")
    return bool(form.errors)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_voice(request: HttpRequest) -> HttpResponse:
    """What came of a question or an objection. The code is posted: it stands in no address."""
    form, voice = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if not rate.is_within(
            "voice code", _address(request), limit=CODES_PER_HOUR, within=HOUR, at=now
        ):
            form.add_error(None, "试得太多了，请过一会儿再查。")
        else:
            voice = published.voice_by_code(form.cleaned_data["code"])
            if voice is None:
                form.add_error("code", "没有这个查询码，请照收到时写的再核对一遍。")
    context = {"form": form, "voice": voice, "is_objection": _is_objection(voice)}
    return render(request, "portal/voice_follow.html", context)


def _is_objection(voice: Voice | None) -> bool:
    return voice is not None and voice.kind == Voice.Kind.OBJECTION


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """Say something about a page, without an account and without an answer of one's own."""
    form = WordForm(request.POST or None, initial={"page": own_path(request.GET.get("page", ""))})
    if request.method == "POST" and form.is_valid():
        now, said = timezone.now(), form.cleaned_data
        if not _is_held_off(request, form, "public feedback", now):
            notices.give_feedback(page=said["page"], text=said["text"], by=None, at=now)
            return render(request, "portal/feedback_taken.html")
    form.ask_anew()
    return render(request, "portal/feedback.html", {"form": form, "about": form["page"].value()})
