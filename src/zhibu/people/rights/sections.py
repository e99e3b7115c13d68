"""What people tell of a person in the file they may take along."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote_plus

from django.db.models import Count
from django.utils import timezone

from zhibu.accounts.models import SavedFilter, User
from zhibu.core.dossier import section
from zhibu.notices.models import Delivery, Feedback, Notice, Outgoing, Preference
from zhibu.packs import catalogues
from zhibu.people.models import (
    Belonging,
    Consent,
    Correction,
    GroupMembership,
    Handover,
    Holding,
    MemberGrouping,
    MembershipState,
    Merge,
    NameToken,
    NotSame,
    Opening,
    Person,
    Reveal,
)
from zhibu.people.rights import queries

Row = tuple[Any, ...]


@section("我的资料", order=10, columns=("项目", "内容"), covers=(Person, NameToken))
def particulars(person_id: int) -> Iterator[Row]:
    person = Person.objects.select_related("home").get(pk=person_id)
    yield "姓名", person.name
    yield "性别", person.get_sex_display()
    yield "出生日期", person.born_on
    yield "民族", person.ethnicity
    yield "学历", person.education
    yield "工作岗位", person.occupation
    yield "身份证号", person.id_number
    yield "电话", person.phone
    yield "住址", person.address
    yield "组织关系所在支部", person.home.name if person.home else ""
    yield "登记时间", timezone.localtime(person.registered_at)


@section("账号", order=15, columns=("登录名", "在用", "激活时间", "上次登录"), covers=(User,))
def account(person_id: int) -> Iterator[Row]:
    for user in User.objects.filter(person_id=person_id):
        yield user.username, user.is_active, _moment(user.activated_at), _moment(user.last_login)


@section(
    "存下的筛选",
    order=16,
    columns=("叫什么", "哪个列表", "条件", "什么时候存的"),
    covers=(SavedFilter,),
)
def saved_filters(person_id: int) -> Iterator[Row]:
    for row in SavedFilter.objects.filter(user__person_id=person_id).in_order():
        title = row.kept.title if row.kept else row.page
        yield row.name, title, unquote_plus(row.query), _moment(row.saved_at)


@section("党员身份", order=20, columns=("身份", "从", "到", "依据"), covers=(MembershipState,))
def states(person_id: int) -> Iterator[Row]:
    for row in MembershipState.objects.filter(person=person_id).order_by("since"):
        yield row.get_state_display(), row.since, row.until, row.basis


@section("支部", order=30, columns=("支部", "哪一种", "从", "到"), covers=(Belonging,))
def belongings(person_id: int) -> Iterator[Row]:
    rows = Belonging.objects.filter(person=person_id).select_related("organization")
    for row in rows.order_by("since", "pk"):
        yield row.organization.name, row.get_kind_display(), row.since, row.until


@section("党小组", order=31, columns=("党小组", "从", "到"), covers=(GroupMembership,))
def groups(person_id: int) -> Iterator[Row]:
    rows = GroupMembership.objects.filter(person=person_id).select_related("group__organization")
    for row in rows.order_by("since", "pk"):
        yield f"{row.group.organization.name}{row.group.name}", row.since, row.until


@section("类别", order=32, columns=("类别", "从", "到"), covers=(MemberGrouping,))
def member_groups(person_id: int) -> Iterator[Row]:
    titles = catalogues.titles("member-groups", date.max)
    for row in MemberGrouping.objects.filter(person=person_id).order_by("since", "pk"):
        yield titles.get(row.group, row.group), row.since, row.until


@section(
    "任职",
    order=40,
    columns=("职务", "组织", "怎么任", "从", "任期到", "到"),
    covers=(Holding,),
)
def holdings(person_id: int) -> Iterator[Row]:
    rows = Holding.objects.filter(person=person_id).select_related("post__organization")
    for row in rows.order_by("since", "pk"):
        organization = row.post.organization.name
        manner = row.get_manner_display()
        yield row.post.title, organization, manner, row.since, row.until, row.ended_on


@section(
    "职务交接",
    order=41,
    columns=("职务", "交接日", "怎样了", "交出签字", "接手签字"),
    covers=(Handover,),
)
def handovers(person_id: int) -> Iterator[Row]:
    mine = Handover.objects.filter(holding__person=person_id)
    rows = mine | Handover.objects.filter(successor=person_id)
    for row in rows.select_related("holding__post").order_by("pk"):
        given, taken = _moment(row.given_at), _moment(row.taken_at)
        yield row.holding.post.title, row.since, row.get_state_display(), given, taken


@section(
    "谁看过我的信息",
    order=80,
    columns=("什么时候", "谁", "看了什么", "为什么、以什么身份"),
    covers=(Reveal, Opening),
)
def looks(person_id: int) -> Iterator[Row]:
    for look in queries.looks(person_id):
        yield _moment(look.at), look.who, look.what, look.why


@section(
    "同意",
    order=81,
    columns=("什么事", "哪天同意", "怎么同意的", "谁记的", "哪天撤回", "怎么撤回的"),
    covers=(Consent,),
)
def consents(person_id: int) -> Iterator[Row]:
    titles = catalogues.titles(queries.OF, date.max)
    rows = Consent.objects.filter(person=person_id).select_related("given_by").order_by("given_at")
    for row in rows:
        title = titles.get(row.purpose, row.purpose)
        given, by = _moment(row.given_at), row.given_by.display_name
        withdrawn = row.get_withdrawn_how_display() if row.withdrawn_at else ""
        yield title, given, row.get_given_how_display(), by, _moment(row.withdrawn_at), withdrawn


@section(
    "更正申请",
    order=82,
    columns=("哪一项", "写的什么", "哪天提的", "结果", "答复"),
    covers=(Correction,),
)
def corrections(person_id: int) -> Iterator[Row]:
    for row in queries.corrections_of(person_id):
        asked = _moment(row.asked_at)
        yield row.get_about_display(), row.text, asked, row.get_state_display(), row.answer


@section(
    "合并和核对",
    order=83,
    columns=("办了什么", "哪天", "谁办的", "为什么"),
    covers=(Merge, NotSame),
)
def merges(person_id: int) -> Iterator[Row]:
    for row in Merge.objects.filter(kept=person_id).select_related("by").order_by("at"):
        yield "两份资料并成一份", _moment(row.at), row.by.display_name, row.reason
    pairs = NotSame.objects.filter(one=person_id) | NotSame.objects.filter(other=person_id)
    for pair in pairs.select_related("by").order_by("at"):
        yield "核对过，和另一人不是同一个", _moment(pair.at), pair.by.display_name, ""


@section("消息", order=90, columns=("哪天", "标题", "内容"), covers=(Notice,))
def notices(person_id: int) -> Iterator[Row]:
    for row in Notice.objects.filter(user__person_id=person_id).order_by("at"):
        yield _moment(row.at), row.title, row.body


@section(
    "消息发到邮箱",
    order=92,
    columns=("哪天", "是什么", "怎样了"),
    covers=(Preference, Delivery, Outgoing),
)
def mailed(person_id: int) -> Iterator[Row]:
    for row in Preference.objects.filter(user__person_id=person_id):
        confirmed = "确认过" if row.confirmed_at else "还没确认"
        yield _moment(row.chosen_at), row.address, f"{confirmed}，{row.get_rhythm_display()}"
    sent = Delivery.objects.filter(user__person_id=person_id).order_by("made_at", "pk")
    rows = sent.values_list("made_at", "purpose", "state", Count("items"))
    for made_at, purpose, state, count in rows:
        what = f"{Delivery.Purpose(purpose).label} {count} 条"
        yield _moment(made_at), what, Delivery.State(state).label


@section("意见", order=91, columns=("哪天", "写的什么", "答复"), covers=(Feedback,))
def feedback(person_id: int) -> Iterator[Row]:
    for row in Feedback.objects.filter(by__person_id=person_id).order_by("at"):
        yield _moment(row.at), row.text, row.answer


def _moment(at: Any) -> Any:
    return timezone.localtime(at) if at else None
