"""Every component once, for those who build pages. A test renders it."""

from datetime import date
from typing import NamedTuple

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhibu.core import standing
from zhibu.core.forms import SuggestingField, day, line
from zhibu.core.searching import Hit
from zhibu.core.templatetags.zhibu import STATES
from zhibu.core.verdicts import no

ON = date(2026, 11, 20)


class SampleForm(forms.Form):
    """Each kind of field, one of them wrong."""

    held_on = day("支部大会日期", hint="预审合格后 1 个月内。")
    yes = forms.IntegerField(label="赞成票", max_value=18)
    reason = forms.ChoiceField(
        label="缺席原因", required=False, choices=[("", "请选择"), ("away", "外出务工")]
    )
    theme = line("主题", longest=60)
    begins_at = forms.DateTimeField(label="时间")
    text = forms.CharField(label="议题与决定", required=False, widget=forms.Textarea)
    education = SuggestingField(label="学历", required=False)
    objection = forms.ChoiceField(
        label="有没有人反映问题",
        choices=[("no", "没有"), ("yes", "有，登记")],
        widget=forms.RadioSelect,
    )
    why = forms.ChoiceField(
        label="为什么要看",
        required=False,
        choices=[("meeting", "通知会议或活动"), ("check", "核对资料")],
        widget=forms.RadioSelect(attrs={"class": "lines"}),
    )
    kinds = forms.MultipleChoiceField(
        label="一并记下",
        required=False,
        choices=[("theme-day", "主题党日"), ("class", "党课"), ("meeting", "党员大会")],
        widget=forms.CheckboxSelectMultiple,
    )
    notify = forms.BooleanField(label="同时通知", required=False)
    file = forms.FileField(label="附件", required=False)


class PairForm(forms.Form):
    begins_on = day("从")
    ends_on = day("到", required=False)


class Kept(NamedTuple):
    """A kept filter, as its component draws it."""

    name: str
    url: str
    query: str


class SampleFilter(forms.Form):
    is_filter = True
    q = line("名称", longest=20, required=False)
    on = day("截至", required=False)


def _may_see(request: HttpRequest) -> bool:
    held = standing.of(request.user)  # type: ignore[arg-type]
    return settings.DEBUG or settings.IS_DEMO or any(s.reach == "everywhere" for s in held)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Where it is of use: while developing, in a demo, and to administrators."""
    if not request.user.is_authenticated or not _may_see(request):
        raise Http404
    form = SampleForm(
        {"held_on": "2026-12-10", "yes": "21", "theme": "学习", "begins_at": "2026-11-20T14:30"}
    )
    form.fields["education"].offered = ("大学", "大专")  # type: ignore[attr-defined]
    form.is_valid()
    messages.success(request, "党员大会已办，19 人记学时。")
    pair = PairForm()
    context = {
        "pair": [pair["begins_on"], pair["ends_on"]],
        "hits": [Hit("蒋红梅", "#", "正式党员 · 前巷村党支部"), Hit("党员大会", "#")],
        "kept": [Kept("本月没开的", "#", "state=overdue")],
        "form": form,
        "filter": SampleFilter({"on": "2026-11-20"}),
        "states": list(STATES),
        "on": ON,
        "page": Paginator(range(100), 30).page(2),
        "verdict": no(
            "不能表决：到会人数不够。有表决权应到 19 人，实到 9 人，需要 10 人。"
            "可以另定日期再表决。",
            basis="支部工作条例 第十一条",
        ),
    }
    return render(request, "core/gallery.html", context)
