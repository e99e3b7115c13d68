"""Pages about what leaves the platform: one's own choice, webhooks, and what was sent."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without, saved
from zhibu.core.verdicts import require
from zhibu.notices import choosing, hooks, queries, rules
from zhibu.notices.forms import MAIL, CodeForm, DeliveryFilter, PreferenceForm, WebhookForm
from zhibu.notices.models import Delivery, Webhook

PER_PAGE = 30
COLUMNS = (
    ("什么时候", 18), ("怎么发的", 10), ("发给谁", 24), ("是什么", 10), ("几条消息", 10),
    ("怎样了", 12), ("试了几次", 10), ("为什么没发成", 40), ("发出或停下", 18), ("编号", 38),
)  # fmt: skip


# --- one's own


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """How one wants to be told: here only, or by mail too."""
    known = choosing.of(request.user)
    form = PreferenceForm(known, request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(form, lambda: _choose(form, request)):
        return redirect("notices:settings")
    context = {
        "form": form,
        "known": known,
        "may_choose_mail": rules.may_choose_mail(),
        "code_is_open": known is not None and known.code_is_open(timezone.now()),
    }
    return render(request, "notices/settings.html", context)


def _choose(form: PreferenceForm, request: SignedInRequest) -> None:
    given = form.cleaned_data
    if given["way"] != MAIL:
        choosing.here_only(by=request.user)
        saved(request, "以后只在平台里看。留过的邮箱已经删掉。")
        return
    row, needs_code = choosing.by_mail(
        address=given["address"],
        rhythm=given["rhythm"],
        hour=given["hour"],
        by=request.user,
        at=timezone.now(),
    )
    if needs_code:
        saved(request, f"确认码寄到 {row.masked} 了，过几分钟去看。确认以后才开始发。")
    else:
        saved(request, f"已保存。发到 {row.masked}，{row.get_rhythm_display()}。")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: SignedInRequest) -> HttpResponse:
    """Say that the address is one's own; the link in the mail brings the code along."""
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("code", "")[:20]})
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if attempt(form, lambda: choosing.confirm(code, by=request.user, at=timezone.now())):
            saved(request, "邮箱确认好了，以后的消息也发到那里。")
            return redirect("notices:settings")
    known = choosing.of(request.user)
    return render(request, "notices/confirm.html", {"form": form, "known": known})


# --- what was sent


@login_required
@require_safe
def delivery_list(request: SignedInRequest) -> HttpResponseBase:
    """What left or could not leave, for whoever looks after it; to Excel with ?export=1."""
    require(rules.may_manage_deliveries(request.user))
    form = DeliveryFilter(request.GET)
    form.is_valid()
    view, way = (form.cleaned_data.get(name, "") for name in ("view", "way"))
    rows = queries.deliveries(request.user, view=view, way=way)
    if "export" in request.GET:
        return _exported(rows)
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(page_number(request)),
        "counts": queries.counts(request.user),
        "form": form,
        "is_narrowed": bool(view or way),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "webhooks": queries.webhooks(request.user),
        "may_choose_mail": rules.may_choose_mail(),
    }
    return render(request, "notices/delivery_list.html", context)


def _exported(rows: QuerySet[Delivery]) -> HttpResponseBase:
    now = timezone.localtime()
    cells = (
        (
            timezone.localtime(row.made_at),
            "推送" if row.webhook else "邮件",
            row.webhook.title if row.webhook else row.user and row.user.username,
            row.get_purpose_display(),
            getattr(row, "notices", 0),
            row.get_state_display(),
            row.tries,
            row.error,
            row.done_at and timezone.localtime(row.done_at),
            str(row.key),
        )
        for row in rows.iterator(1000)
    )
    columns = [excel.Column(title, width) for title, width in COLUMNS]
    file = excel.file("发送情况", columns, cells, note=f"截至 {now:%Y-%m-%d %H:%M}")
    return download_file(file, name=f"发送情况{now:%Y-%m-%d}.xlsx", content_type=excel.TYPE)


@login_required
@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk)
    return _again(request, delivery)


@login_required
@require_POST
def send_all_again(request: SignedInRequest) -> HttpResponse:
    """All that were given up."""
    return _again(request, None)


def _again(request: SignedInRequest, delivery: Delivery | None) -> HttpResponse:
    again = hooks.send_again(delivery, by=request.user, at=timezone.now())
    saved(request, f"{again} 条马上再发。编号不变，收到两次的认得出来。")
    return redirect("notices:deliveries")


# --- webhooks


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: SignedInRequest) -> HttpResponse:
    """A new one; its secret is shown once."""
    require(rules.may_manage_deliveries(request.user))
    form = WebhookForm(None, request.POST or None)
    made: list[tuple[Webhook, str]] = []
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(
        form,
        lambda: made.append(hooks.add(form.wanted(), by=request.user, at=timezone.now())),
    ):
        return _shown_once(request, *made[0])
    return render(request, "notices/webhook.html", {"form": form, "hook": None})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    form = WebhookForm(hook, request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(
        form, lambda: hooks.change(hook, form.wanted(), by=request.user, at=timezone.now())
    ):
        saved(request, "推送改好了。")
        return redirect("notices:deliveries")
    context: dict[str, Any] = {
        "form": form,
        "hook": hook,
        "last": hook.deliveries.order_by("-made_at", "-pk").first(),
    }
    return render(request, "notices/webhook.html", context)


@login_required
@require_POST
def webhook_secret(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new secret, shown once."""
    hook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    secret = hooks.renew_secret(hook, by=request.user, at=timezone.now())
    return _shown_once(request, hook, secret)


def _shown_once(request: SignedInRequest, hook: Webhook, secret: str) -> HttpResponse:
    return render(request, "notices/webhook_secret.html", {"hook": hook, "secret": secret})


@login_required
@require_POST
def webhook_try(request: SignedInRequest, pk: int) -> HttpResponse:
    hook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    hooks.try_out(hook, by=request.user, at=timezone.now())
    saved(request, "试发一条，过一会儿在下面看到没到。")
    return redirect(hook)
