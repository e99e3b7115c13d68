from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import rate
from zhibu.core.http import SignedInRequest, page_number
from zhibu.core.verdicts import require
from zhibu.notices import actions, rules
from zhibu.notices.forms import AnswerForm, FeedbackForm, own_path
from zhibu.notices.models import Feedback, Notice

PER_PAGE = 30
FEEDBACK_PER_HOUR = 20


@login_required
@require_safe
def notice_list(request: SignedInRequest) -> HttpResponse:
    """One's own notices, latest first; the unread stand out."""
    rows = Notice.objects.visible_to(request.user).order_by("-at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(page_number(request))
    unread = sum(1 for notice in page if notice.read_at is None)
    return render(request, "notices/notice_list.html", {"page": page, "unread": unread})


@login_required
@require_POST
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go where it points."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    actions.mark_read(request.user, notice=notice, at=timezone.now())
    return redirect(notice.url or "notices:list")


@login_required
@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    actions.mark_read(request.user, at=timezone.now())
    return redirect("notices:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: SignedInRequest) -> HttpResponse:
    """Say something about the page one comes from, and see what became of earlier words."""
    form = FeedbackForm(
        request.POST or None, initial={"page": own_path(request.GET.get("page", ""))}
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if rate.is_within(
            "feedback",
            str(request.user.pk),
            limit=FEEDBACK_PER_HOUR,
            within=timedelta(hours=1),
            at=now,
        ):
            actions.give_feedback(**form.cleaned_data, by=request.user, at=now)
            messages.success(request, "收到了。答复会发到您的消息里。")
            return redirect("notices:feedback")
        form.add_error(None, f"一小时最多提 {FEEDBACK_PER_HOUR} 条，请过一会儿再提。")
    rows = Feedback.objects.filter(by=request.user).order_by("-at", "-pk")
    context = {
        "form": form,
        "about": form["page"].value(),
        "page": Paginator(rows, PER_PAGE).get_page(page_number(request)),
        "may_read_all": rules.may_read_all(request.user),
    }
    return render(request, "notices/feedback.html", context)


@login_required
@require_safe
def feedback_list(request: SignedInRequest) -> HttpResponse:
    """What everybody said, for whoever answers: the unanswered first, oldest first."""
    require(rules.may_read_all(request.user))
    rows = Feedback.objects.visible_to(request.user).select_related("by")
    context = {
        "count": rows.unanswered().count(),
        "waiting": rows.unanswered().order_by("at", "pk")[:PER_PAGE],
        "page": Paginator(
            rows.exclude(answered_at=None).order_by("-answered_at", "-pk"), PER_PAGE
        ).get_page(page_number(request)),
    }
    return render(request, "notices/feedback_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Feedback.objects.visible_to(request.user).select_related("by", "answered_by"), pk=pk
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        actions.answer(found, text=text, by=request.user, at=timezone.now())
        messages.success(request, "已答复，提的人会收到。")
        return redirect("notices:feedback_list")
    context = {"feedback": found, "form": form, "may_answer": rules.may_answer(request.user, found)}
    return render(request, "notices/feedback_detail.html", context)
