"""Asking without an account, following by a code, and what those who answer see of it."""

import logging
import re
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from tests import factories
from tests.cases.playing import adopted, begin
from tests.conftest import NOON
from tests.portal import asking as doors
from zhibu.cases import actions as cases
from zhibu.cases import doorway
from zhibu.cases import rules as cases_rules
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Running
from zhibu.core.codes import LETTERS
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.packs import library
from zhibu.portal import actions, asking, queries, rules
from zhibu.portal.models import Look, Ticket, hash_of, new_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NAME, PHONE = "钱桂花", "13900001234"


@pytest.fixture
def village(tree, cast):
    doors.open_doors(tree)
    return tree.village


def answered(case, cast):
    """Taken, claimed and answered by the secretary."""
    who = cast["secretary"]
    act = lambda name, step: cases.act(  # noqa: E731
        case.turns.open().get(stage=name), step, by=who, at=timezone.now()
    )
    act("take", doors.step("take", urgency="soon"))
    cases.claim(case.turns.open().get(stage="handle"), by=who, at=timezone.now())
    act("handle", doors.step("done", answer="三盏换好了"))
    return case.turns.open().get(stage="rate")


# --- the code


def test_codes_are_long_and_without_look_alikes():
    codes = {new_code() for _ in range(500)}

    assert len(codes) == 500
    assert len(LETTERS) ** 16 > 2**60
    assert not set("01ILOU") & {letter for code in codes for letter in code}
    assert all(re.fullmatch(r"(\w{4}-){3}\w{4}", code) for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "7k4m-92qx-3htd-w6be",
        "7K4M92QX3HTDW6BE",
        "7K4M 92QX 3HTD W6BE",
        "７Ｋ４Ｍ－９２ＱＸ－３ＨＴＤ－Ｗ６ＢＥ",
    ],
)
def test_a_code_may_be_typed_in_any_way(typed):
    assert hash_of(typed) == hash_of("7K4M-92QX-3HTD-W6BE") != ""


@pytest.mark.parametrize("typed", ["", "7K4M", "7K4M-92QX-3HTD-W6B0", "7K4M-92QX-3HTD-W6BEE", "'"])
def test_what_is_no_code_is_none(typed):
    assert hash_of(typed) == ""


def test_only_a_hash_of_the_code_is_kept(village):
    ticket, code = doors.ask(village)

    row = Ticket.objects.values().get(pk=ticket.pk)
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)
    assert Ticket.objects.get(code_hash=hash_of(code)) == ticket


# --- asking on the page


def test_ask_by_the_page_begins_a_case_and_gives_the_code(village, client):
    answer = doors.submit(client, village, contact_name=NAME, contact_phone=PHONE)

    assert answer.status_code == 302
    page = client.get(answer["Location"])
    (code,) = re.findall(r"(?:\w{4}-){3}\w{4}", page.content.decode())
    ticket = Ticket.objects.get(code_hash=hash_of(code))
    assert code not in answer["Location"]
    assert (ticket.channel, ticket.taken_by, ticket.phone) == ("online", None, PHONE)
    case = ticket.case
    assert (case.organization, case.started_by) == (village, None)
    assert case.title == doors.SAID["what"]
    assert [turn.stage for turn in case.turns.open()] == ["take"]


def test_what_was_typed_stays_when_the_sum_is_wrong(village, client):
    answer = doors.submit(client, village, total="99", contact_phone=PHONE)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "算得不对" in text
    assert doors.SAID["what"] in text and PHONE in text
    assert 'value="lights-roads" ' in text and "checked" in text
    assert not Ticket.objects.exists()


def test_a_question_serves_once(village, client):
    page = client.get(doors.door(village))
    typed = {**doors.SAID, **doors.sum_on(page)}

    assert client.post(doors.door(village), typed).status_code == 302
    again = client.post(doors.door(village), {**typed, "what": "还有一盏也坏了"})

    assert again.status_code == 200 and "已经提交过了" in again.content.decode()
    assert Ticket.objects.count() == 1


def test_a_double_click_leads_to_the_one_code(village, client):
    typed = {**doors.SAID, **doors.sum_on(client.get(doors.door(village)))}

    codes = []
    for _ in range(2):
        assert client.post(doors.door(village), typed).status_code == 302
        codes.append(client.get("/open/receipt/").context["code"])

    assert codes[0] == codes[1]
    assert Ticket.objects.get().code_hash == hash_of(codes[0])


def test_the_same_in_another_form_is_no_second_request(village, client, clock):
    """Whoever went back sends it with another sum; they have the code already."""
    assert doors.submit(client, village).status_code == 302
    code = client.get("/open/receipt/").context["code"]

    text = doors.submit(client, village).content.decode()
    assert "刚才已经收到了一样的" in text and doors.SAID["what"] in text and code not in text
    assert Ticket.objects.count() == 1
    assert doors.submit(client, village, what="还有一盏也坏了").status_code == 302
    assert "刚才已经收到了一样的" in doors.submit(client, village).content.decode()

    clock.shift(timedelta(minutes=10))
    assert doors.submit(client, village).status_code == 302
    assert Ticket.objects.count() == 3


def test_the_same_at_another_door_is_another_request(tree, village, client):
    assert doors.submit(client, village).status_code == 302
    assert doors.submit(client, tree.far).status_code == 302


def test_nobody_learns_what_others_asked(village, client):
    """The same words from another browser are taken, and so they are of a forged one."""
    assert doors.submit(client, village).status_code == 302
    sent = client.cookies["zhibu_sent"].value
    assert doors.SAID["what"] not in sent and not any(said in sent for said in doors.SAID.values())

    assert doors.submit(Client(), village).status_code == 302
    forger = Client()
    forger.cookies["zhibu_sent"] = sent[:-1] + ("A" if sent[-1] != "A" else "B")
    assert doors.submit(forger, village).status_code == 302
    assert Ticket.objects.count() == 3


def test_the_form_may_be_gone_back_to_and_what_is_kept_apart_may_not(tree, village, client):
    doors.discipline(tree)
    wrong = doors.submit(client, village, total="99")
    for answer in (client.get(doors.door(village)), wrong):
        assert "no-cache" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
        assert "no-store" not in answer["Cache-Control"]

    apart = doors.submit(client, village, doors.REPORT, what="账对不上", total="99")
    taken = doors.submit(client, village)
    for answer in (client.get(doors.door(village, doors.REPORT)), apart, taken):
        assert "no-store" in answer["Cache-Control"]


def test_the_code_is_shown_with_how_to_keep_it_and_closed(village, client):
    doors.submit(client, village)
    text = client.get("/open/receipt/").content.decode()
    assert "只显示这一次" in text and "打印" in text and "记好了，关上" in text

    client.post("/open/track/leave/")
    assert client.get("/open/receipt/")["Location"] == "/open/track/"


def test_whoever_leaves_a_number_hears_from_when_it_is_kept(village, client):
    text = client.get(doors.door(village)).content.decode()
    assert "从办结起留1年，到期删除" in text


def test_closing_forgets_what_was_sent_and_what_the_browser_kept(village, client):
    doors.submit(client, village)
    closed = client.post("/open/track/leave/")
    assert closed["Clear-Site-Data"] == '"cache"'
    assert doors.submit(client, village).status_code == 302


@pytest.mark.parametrize("seal", ["", "x", "1:2:3"])
def test_a_question_of_somebody_else_is_none(village, client, seal):
    answer = client.post(doors.door(village), {**doors.SAID, "seal": seal, "total": "11"})

    assert "再算一次" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_question_holds_for_two_hours(clock):
    seal = asking.new().seal
    clock.shift(timedelta(hours=1, minutes=59))
    assert asking.opened(seal)
    clock.shift(timedelta(minutes=2))
    assert asking.opened(seal) is None


def test_an_address_asks_six_times_an_hour(village, client, clock):
    for number in range(6):
        assert doors.submit(client, village, what=f"第 {number} 盏灯").status_code == 302
    assert "太多了" in doors.submit(client, village).content.decode()

    clock.shift(timedelta(minutes=61))
    assert doors.submit(client, village).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.svg", b"<svg onload=alert(1)>"), ("a.exe", b"MZ"), ("..\\..\\a.php", b"<?php")],
)
def test_files_are_refused_and_the_words_stay(village, client, name, content):
    answer = doors.submit(client, village, what=SimpleUploadedFile(name, content))
    assert answer.status_code == 200

    answer = doors.submit(client, village, extra=SimpleUploadedFile(name, content))
    assert "不收文件" in answer.content.decode()
    assert doors.SAID["what"] in answer.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("said", ["<script>alert(1)</script>", "{{ 7 }}", "=cmd|' /C calc'!A0"])
def test_what_is_said_is_shown_as_said(village, client, cast, said):
    doors.submit(client, village, what=said)
    ticket = Ticket.objects.get()
    client.force_login(cast["secretary"])

    for address in ("/requests/?view=all", ticket.get_absolute_url()):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert escape(said) in text


def test_a_place_without_doors_has_none(tree, client):
    assert client.get(f"/open/{tree.village.pk}/ask/").status_code == 404
    assert client.get("/open/999999/ask/").status_code == 404


@pytest.mark.parametrize("where", ["ask/", "ask/seeds/requests/request/"])
def test_the_entry_for_reports_is_offered_where_somebody_above_receives_them(
    tree, village, client, where
):
    report = f'href="{doors.door(village, doors.REPORT)}"'
    text = client.get(f"/open/{village.pk}/{where}").content.decode()
    assert "您有什么事" in text and "反映人的问题" in text
    assert report not in text and "专门的入口" not in text
    assert text.count("请写信，或者到上一级的纪检组织当面反映") == 1

    doors.discipline(tree)
    text = client.get(f"/open/{village.pk}/{where}").content.decode()
    assert report in text and "专门的入口" in text and "请写信" not in text


def test_who_receives_reports_is_the_nearest_above_and_never_oneself(tree, village):
    rule = doors.held(village, doors.REPORT).wording.item
    above, _ = doors.discipline(tree)
    for place in (tree.far, village):  # elsewhere, and at one's own
        factories.organization(place, by=tree.system, name=f"{place.name}纪检", kind="discipline")
    assert cases_rules.proper_place(village, rule) == above

    near = factories.organization(tree.east, by=tree.system, name="东镇纪委", kind="discipline")
    assert cases_rules.proper_place(village, rule) == near
    assert cases_rules.proper_place(near, rule) == above


# --- following


def follow(client, code):
    return client.post("/open/track/", {"code": code})


def test_follow_in_plain_words_without_names(village, client, cast):
    ticket, code = doors.ask(village)
    answered(ticket.case, cast)

    answer = follow(client, code)
    assert answer["Location"] == "/open/track/mine/"
    text = client.get(answer["Location"]).content.decode()

    assert "三盏换好了" in text and "请您评价" in text
    assert "顾长林" not in text and "办、答复" not in text
    assert code not in text


def test_follow_says_what_kind_of_thing_it_is_and_who_has_it(tree, village, client, cast):
    ticket, code = doors.ask(village)
    handed = doors.step("hand-on", urgency="soon", to=Named(tree.general.pk, tree.general.name))
    handed = replace(handed, reason="归总支管")
    cases.act(ticket.case.turns.open().get(), handed, by=cast["secretary"], at=timezone.now())

    follow(client, code)
    text = client.get("/open/track/mine/").content.decode()

    assert "哪一类：路灯道路" in text
    assert f"现在由{tree.general.called}负责" in text
    assert text.count("收到了，在看怎么办") == 2  # the heading, and the step before it
    assert cast["secretary"].display_name not in text


def test_where_nothing_is_told_of_a_step_the_heading_is_not_empty(village, client, monkeypatch):
    _, code = doors.ask(village)
    door = doors.held(village).wording.item.doorway
    monkeypatch.delitem(door.words, "take")

    follow(client, code)
    assert "<h1>在办</h1>" in client.get("/open/track/mine/").content.decode()


def test_every_step_of_a_shipped_door_has_words_for_whoever_asked():
    for pack in library.shipped().values():
        for wordings in pack.wordings("procedures"):
            rule = wordings[-1].item
            if rule.doorway:
                assert {stage.id for stage in rule.stages} == set(rule.doorway.words), pack.id


def test_of_a_report_nobody_is_told_who_has_it(tree, village, client):
    body, keeper = doors.discipline(tree)
    _, code = doors.ask(village, doors.REPORT, values={"what": "账对不上", "whom": "队长"})

    follow(client, code)
    text = client.get("/open/track/mine/").content.decode()
    assert "在看归哪里办" in text and "11月" in text
    assert body.called not in text and keeper.display_name not in text and "负责" not in text


def test_no_code_no_story(village, client):
    doors.ask(village)

    assert client.get("/open/track/mine/")["Location"] == "/open/track/"
    client.cookies["zhibu_ticket"] = "1"
    assert client.get("/open/track/mine/")["Location"] == "/open/track/"
    assert "没有这个查询码" in follow(client, new_code()).content.decode()


def test_codes_are_tried_thirty_times_an_hour(village, client):
    _, code = doors.ask(village)
    for _ in range(30):
        follow(client, new_code())

    assert "试得太多了" in follow(client, code).content.decode()


def test_what_was_found_is_forgotten_after_half_an_hour_and_on_leaving(village, client, clock):
    _, code = doors.ask(village)
    follow(client, code)
    assert client.get("/open/track/mine/").status_code == 200

    client.post("/open/track/leave/")
    assert client.get("/open/track/mine/").status_code == 302
    follow(client, code)
    clock.shift(timedelta(minutes=31))
    assert client.get("/open/track/mine/").status_code == 302


def test_dissatisfied_goes_on_and_satisfied_ends(village, client, cast):
    ticket, code = doors.ask(village)
    answered(ticket.case, cast)
    follow(client, code)

    refused = client.post("/open/track/mine/", {"outcome": "dissatisfied"})
    assert "哪里不满意" in refused.content.decode()
    client.post("/open/track/mine/", {"outcome": "dissatisfied", "why": "还有一盏不亮"})

    case = Case.objects.get(pk=ticket.case_id)
    assert [turn.stage for turn in case.turns.open()] == ["handle"]
    turn = case.turns.get(stage="rate")
    assert (turn.by, turn.way) == (None, Turn.Way.CODE)


def test_lapsed_is_not_offered_nor_taken(village, client, cast):
    ticket, code = doors.ask(village)
    answered(ticket.case, cast)
    follow(client, code)

    assert "没有评价" not in client.get("/open/track/mine/").content.decode()
    client.post("/open/track/mine/", {"outcome": "silent"})
    assert Case.objects.get(pk=ticket.case_id).is_open


def test_nobody_rates_twice(village, cast):
    ticket, _ = doors.ask(village)
    turn = answered(ticket.case, cast)
    actions.answer_back(ticket, turn, doors.step("satisfied"), at=timezone.now())

    with pytest.raises(Refused):
        actions.answer_back(ticket, turn, doors.step("fair"), at=timezone.now())
    assert Case.objects.get(pk=ticket.case_id).ended_as == "办结，满意"


def test_whoever_asked_does_not_answer_for_others(village, cast):
    ticket, _ = doors.ask(village)
    turn = ticket.case.turns.open().get()

    with pytest.raises(Refused, match="不轮到您"):
        actions.answer_back(ticket, turn, doors.step("take", urgency="now"), at=timezone.now())


def test_a_ticket_answers_for_its_own_case_alone(village, cast):
    one, _ = doors.ask(village)
    other, _ = doors.ask(village)
    turn = answered(other.case, cast)

    with pytest.raises(Refused, match="不是这一件"):
        actions.answer_back(one, turn, doors.step("satisfied"), at=timezone.now())


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("secretary", False),  # answered it
        ("committee member", True),
        ("township officer", True),
        ("county officer", True),
        ("member", False),
        ("sibling secretary", False),
        ("stranger secretary", False),
        ("other township officer", False),
    ],
)
def test_who_writes_down_what_was_told_by_phone(village, cast, who, allowed):
    ticket, _ = doors.ask(village)
    turn = answered(ticket.case, cast)

    if not allowed:
        with pytest.raises(Refused):
            cases.act(turn, doors.step("satisfied"), by=cast[who], at=timezone.now())
        return
    cases.act(turn, doors.step("satisfied"), by=cast[who], at=timezone.now())
    turn.refresh_from_db()
    assert turn.way == Turn.Way.TOLD and turn.by == cast[who]


def test_it_is_nobodys_turn_while_the_requester_is_asked(village, cast):
    ticket, _ = doors.ask(village)
    turn = answered(ticket.case, cast)

    for who in ("secretary", "committee member"):
        assert turn not in Turn.objects.waiting_for(cast[who])
    case = Case.objects.get(pk=ticket.case_id)
    assert case.due_on is None
    later = timezone.localdate() + timedelta(days=60)
    assert case not in Case.objects.overdue(later)
    assert not turn.is_late(later)


def test_what_is_not_used_lapses_on_the_day_after(village, cast, clock):
    ticket, _ = doors.ask(village)
    turn = answered(ticket.case, cast)
    clock.shift(timedelta(days=30))
    assert doorway.lapse(timezone.now()) == 0
    clock.shift(timedelta(days=1))

    assert doorway.lapse(timezone.now()) == 1
    assert doorway.lapse(timezone.now()) == 0
    turn.refresh_from_db()
    case = Case.objects.get(pk=ticket.case_id)
    assert turn.way == Turn.Way.LAPSED and case.ended_as == "办结"
    assert case.ended_on == turn.due_on + timedelta(days=1)


# --- contacts


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("secretary", True),
        ("committee member", True),
        ("township officer", False),
        ("county officer", False),
        ("member", False),
        ("sibling secretary", False),
        ("stranger secretary", False),
        ("other township officer", False),
    ],
)
def test_only_those_who_answer_look_at_the_contact(village, cast, who, allowed):
    ticket, _ = doors.ask(village, phone=PHONE)

    assert bool(rules.may_look(cast[who], ticket)) is allowed


def test_a_look_needs_a_reason_and_is_kept(village, cast):
    ticket, _ = doors.ask(village, phone=PHONE, name=NAME)
    who = cast["secretary"]

    with pytest.raises(Refused, match="为什么"):
        actions.look(ticket, field="phone", reason=" ", by=who, at=NOON)
    assert actions.look(ticket, field="phone", reason="约时间", by=who, at=NOON) == PHONE
    assert Look.objects.get().reason == "约时间"


def test_no_contact_leaks(village, cast, client, caplog):
    """Not in the database as text, nor on pages, in the list, the export, ledger or the logs."""
    with caplog.at_level(logging.DEBUG):
        doors.submit(client, village, contact_name=NAME, contact_phone=PHONE)
        ticket = Ticket.objects.get()
        client.force_login(cast["secretary"])
        pages = [
            client.get(address)
            for address in (
                "/requests/?view=all", ticket.get_absolute_url(), "/cases/?view=all", "/ledger/",
                f"/api/v1/cases/{ticket.case_id}", "/search/?q=路灯",
            )
        ]  # fmt: skip
        file = client.get("/requests/?view=all&export=1")
        body = b"".join(file.streaming_content) if file.streaming else file.content
    shown = "".join(page.content.decode() for page in pages)
    for secret in (NAME, PHONE):
        assert secret not in shown
        assert secret.encode() not in body
        assert secret not in caplog.text
        assert secret not in str(list(Entry.objects.values()))
        assert secret not in str(list(Case.objects.values())) + str(list(Turn.objects.values()))
        assert secret.encode() not in bytes(ticket.name_sealed) + bytes(ticket.phone_sealed)


def test_all_is_erased_when_the_pack_says(village, cast, clock):
    ticket, code = doors.ask(village, phone=PHONE, name=NAME)
    turn = answered(ticket.case, cast)
    actions.look(ticket, field="phone", reason="约时间", by=cast["secretary"], at=timezone.now())
    actions.answer_back(ticket, turn, doors.step("satisfied"), at=timezone.now())
    clock.shift(timedelta(days=365))
    assert (doorway.erase_due(timezone.now()), actions.erase_due(timezone.now())) == (0, 0)
    clock.shift(timedelta(days=1))

    assert actions.erase_due(timezone.now()) == 1
    assert doorway.erase_due(timezone.now()) == 1
    ticket.refresh_from_db()
    case = Case.objects.get(pk=ticket.case_id)
    assert not ticket.has_contact and not ticket.looks.exists()
    assert not Ticket.objects.filter(code_hash=hash_of(code)).exists()
    written = str(list(Case.objects.values())) + str(list(Turn.objects.values()))
    assert doors.SAID["what"] not in written and "三盏换好了" not in written
    assert case.ended_as == "办结，满意" and case.facts["sort"] == "lights-roads"
    assert (doorway.erase_due(timezone.now()), actions.erase_due(timezone.now())) == (0, 0)


def test_nothing_that_runs_is_erased(village, clock):
    doors.ask(village, phone=PHONE)
    clock.shift(timedelta(days=900))

    assert (doorway.erase_due(timezone.now()), actions.erase_due(timezone.now())) == (0, 0)


# --- written down by staff


def test_take_down_by_phone_and_count_by_channel(village, client, cast):
    client.force_login(cast["secretary"])
    address = f"/requests/take/{village.pk}/seeds/requests/request/"
    for channel in ("phone", "phone", "branch-meeting"):
        answer = client.post(address, {**doors.SAID, "channel": channel})
        assert answer["Location"] == "/open/receipt/"
    doors.ask(village)

    shares = queries.by_channel(queries.listed(cast["secretary"], "all", timezone.localdate()))
    assert [(one.title, one.count, one.total) for one in shares] == [
        ("网上", 1, 4), ("电话", 2, 4), ("支部会", 1, 4),
    ]  # fmt: skip
    assert Ticket.objects.filter(taken_by=cast["secretary"]).count() == 3


def test_eight_channels_and_none_but_those(village, cast):
    rule = doors.held(village).wording.item
    eight = {"branch-meeting", "symposium", "life-meeting", "interview", "phone", "email",
             "questionnaire", "online"}  # fmt: skip

    assert eight < set(rule.doorway.channels)
    with pytest.raises(Refused, match="没有这个渠道"):
        doors.ask(village, channel="pigeon")
    with pytest.raises(Refused, match="网上"):
        doors.ask(village, channel="online", by=cast["secretary"])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200), ("township officer", 200), ("county officer", 200),
        ("member", 404), ("stranger secretary", 404), ("other township officer", 404),
    ],
)  # fmt: skip
def test_who_takes_down(village, client, cast, who, status):
    client.force_login(cast[who])
    answer = client.get(f"/requests/take/{village.pk}/")

    assert answer.status_code in ({status} if status == 200 else {403, 404})


def test_quarters():
    assert queries.quarter("2026Q4") == (date(2026, 10, 1), date(2027, 1, 1))
    assert queries.quarter("2026Q1")[1].month == 4
    for wrong in ("", "2026", "2026Q5", "abcdQ1", "0000Q1"):
        assert queries.quarter(wrong) is None


# --- reports


@pytest.fixture
def report(tree, village):
    body, keeper = doors.discipline(tree)
    ticket, code = doors.ask(
        village, doors.REPORT, phone=PHONE, values={"what": "队里的账对不上", "whom": "队长顾某"}
    )
    return body, keeper, ticket, code


ALL = (
    "secretary", "committee member", "member", "township officer", "county officer",
    "sibling secretary", "stranger secretary", "other township officer",
)  # fmt: skip


@pytest.mark.parametrize("who", ALL)
def test_a_report_is_seen_by_nobody_but_those_who_keep_it(report, cast, client, who):
    body, keeper, ticket, _ = report
    case = ticket.case

    assert case.organization == body
    assert Case.objects.visible_to(keeper).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(cast[who]).filter(pk=case.pk).exists()
    assert not Turn.objects.waiting_for(cast[who]).filter(case=case).exists()
    client.force_login(cast[who])
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.get(f"/requests/{ticket.pk}/look/phone/").status_code == 404
    for address in (
        "/requests/?view=all", "/cases/?view=all", "/search/?q=账对不上", "/", "/ledger/",
        "/api/v1/cases",
    ):  # fmt: skip
        text = client.get(address, follow=True).content.decode()
        assert "账对不上" not in re.sub(r'value="[^"]*"|“账对不上”|q=[^"]*', "", text)
        assert case.get_absolute_url() not in text
        assert "有人提了一件事" not in text


def test_whom_it_names_sees_nothing_even_in_post_there(report, tree, cast):
    body, keeper, ticket, _ = report
    from tests import factories
    from zhibu.core.fields import Named

    named = factories.holder(
        tree.far, body, "branch-committee", by=tree.system, title="干部", name="钱三"
    )
    both = factories.holder(
        tree.village, body, "branch-secretary", by=tree.system, title="副书记", name="李四"
    )
    case = ticket.case
    turn = case.turns.open().get()
    assert not Case.objects.visible_to(both).filter(pk=case.pk).exists()  # of the unit itself
    step = doors.step("take", person=Named(named.person_id, "钱三"))
    cases.act(turn, step, by=keeper, at=timezone.now())

    assert not Case.objects.visible_to(named).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(keeper).filter(pk=case.pk).exists()
    with pytest.raises(Refused):
        cases.act(
            case.turns.open().get(), doors.step("answer", answer="查了"),
            by=cast["county officer"], at=timezone.now(),
        )  # fmt: skip


def test_a_report_is_not_kept_at_the_unit_itself(tree, village):
    from tests import factories

    factories.organization(village, by=tree.system, name="前村纪检小组", kind="discipline")
    rule = doors.held(village, doors.REPORT).wording.item
    assert cases_rules.proper_place(village, rule) is None
    with pytest.raises(Refused, match="没有登记"):
        doors.ask(village, doors.REPORT, values={"what": "账对不上"})


@pytest.mark.parametrize("who", ["secretary", "township officer", "county officer"])
def test_nobody_begins_a_report_where_it_is_not_kept(report, tree, cast, who):
    rule = doors.held(tree.village, doors.REPORT).wording.item
    body, keeper, *_ = report

    for place in (tree.village, tree.east, tree.county, body):
        assert not cases_rules.may_start(cast[who], place, rule)
    assert cases_rules.may_start(keeper, body, rule)


def test_a_report_is_followed_by_its_code(report, client):
    *_, code = report
    follow(client, code)

    assert "在看归哪里办" in client.get("/open/track/mine/").content.decode()


def test_ledger_names_nobody_of_a_report(report):
    text = str(list(Entry.objects.values()))
    assert "账对不上" not in text and "顾某" not in text and PHONE not in text


# --- deadlines, against another calendar


def test_deadlines_are_those_of_the_calendar(village):
    from dateutil.relativedelta import relativedelta
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    rule = doors.held(village).wording.item
    lengths = rule.stage("handle").limit.by_choice.lengths

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(lengths)),
        st.datetimes(
            min_value=NOON.replace(tzinfo=None, year=2020),
            max_value=NOON.replace(tzinfo=None, year=2035),
        ),
    )
    def holds(sort, began):
        from zhibu.cases import days

        limit = rule.stage("handle").limit.for_facts({"sort": sort})
        at = began.replace(tzinfo=NOON.tzinfo)
        text = lengths[sort]
        if "T" in text:
            hours = int(re.search(r"\d+", text)[0])
            assert days.due_at(limit, at) == at + relativedelta(hours=hours)
            assert days.due(limit, {}, at.date(), {}) is None
        else:
            number = int(re.search(r"\d+", text)[0])
            assert days.due(limit, {}, at.date(), {}) == at.date() + relativedelta(days=number)
            assert days.due_at(limit, at) is None

    holds()


def test_a_case_says_the_limit_of_its_matter(village, cast):
    for sort, text in (("water-power", "PT24H"), ("accounts", "P10D")):
        ticket, _ = doors.ask(village, values={**doors.SAID, "sort": sort})
        cases.act(
            ticket.case.turns.open().get(), doors.step("take", urgency="now"),
            by=cast["secretary"], at=timezone.now(),
        )  # fmt: skip
        turn = ticket.case.turns.open().get()
        if "T" in text:
            assert turn.due_at == timezone.now() + timedelta(hours=24)
        else:
            assert turn.due_on == timezone.localdate() + timedelta(days=10)
            assert turn.due_at is None


def test_faults_are_told_where_they_are(village):
    with pytest.raises(Faulty) as told:
        doors.ask(village, values={"sort": "other", "what": ""})
    assert set(told.value.faults) == {"what"}


def test_ratings_count_answers_and_those_that_would_do(village, cast):
    for outcome in ("satisfied", "fair", "dissatisfied"):
        ticket, _ = doors.ask(village)
        turn = answered(ticket.case, cast)
        why = {"why": "不亮"} if outcome == "dissatisfied" else {}
        actions.answer_back(ticket, turn, doors.step(outcome, **why), at=timezone.now())
    waiting, _ = doors.ask(village)
    answered(waiting.case, cast)

    rated = queries.ratings(Case.objects.all(), doors.held(village).wording.item)
    assert (rated.answered, rated.said, rated.satisfied, rated.again) == (4, 3, 1, 1)


def test_story_is_as_many_queries_whatever_was_done(village, cast, django_assert_num_queries):
    ticket, _ = doors.ask(village)
    answered(ticket.case, cast)
    case = Case.objects.get(pk=ticket.case_id)

    with django_assert_num_queries(4):
        told = queries.story(Running(case))
    assert [line.is_now for line in told.lines] == [False, False, True]


# --- words stand sealed


def raw(table, pk, *columns):
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(columns)} from {table} where id = %s", [pk])
        kept = " ".join(str(one) for one in cursor.fetchone())
    return re.sub(r"\\u([0-9a-f]{4})", lambda sign: chr(int(sign[1], 16)), kept)


def test_what_a_resident_wrote_stands_sealed_in_the_database(village, cast):
    ticket, _ = doors.ask(
        village, values={**doors.SAID, "what": "张家门口的沟堵了", "where": "五组"}
    )
    answered(ticket.case, cast)
    case = Case.objects.get(pk=ticket.case_id)
    stored = raw("cases_case", case.pk, "facts", "began_with")
    handle = case.turns.get(stage="handle")
    turns = raw("cases_turn", handle.pk, "content")

    assert "沟堵了" not in stored
    assert "五组" not in stored
    assert "三盏换好了" not in turns
    assert "lights-roads" in stored  # what is counted by is found
    assert case.facts["what"] == case.began_with["what"] == "张家门口的沟堵了"
    assert handle.content["answer"] == "三盏换好了"
    assert verify().ok


def test_what_staff_begin_without_a_door_stands_as_it_is(tree, cast):
    with adopted(tree):
        case = begin(tree.village, "claimed", by=cast["secretary"])

    assert "sealed" not in raw("cases_case", case.pk, "facts")


def test_words_kept_plainly_before_are_sealed_by_the_upgrade(village, cast):
    ticket, _ = doors.ask(village)
    plain = {"what": "沟堵了", "sort": "lights-roads"}
    Case.objects.filter(pk=ticket.case_id).update(facts=plain, began_with=plain)
    assert "沟堵了" in raw("cases_case", ticket.case_id, "facts")

    import_module("zhibu.portal.migrations.0002_seal_words").seal(apps, None)

    assert "沟堵了" not in raw("cases_case", ticket.case_id, "facts", "began_with")
    assert Case.objects.get(pk=ticket.case_id).facts == plain


# --- the list of the staff


@pytest.mark.parametrize(
    "who",
    ["secretary", "committee member", "township officer", "county officer", "sibling secretary"],
)
def test_whoever_may_write_a_request_down_is_led_there(village, cast, client, who):
    client.force_login(cast[who])
    page = client.get("/requests/").content.decode()
    (address,) = re.findall(r'href="(/requests/take/\d+/)"', page)
    assert client.get(address).status_code == 200


def test_where_nothing_can_be_asked_no_button_stands(tree, cast, client):
    client.force_login(cast["secretary"])
    assert "/requests/take/" not in client.get("/requests/").content.decode()


def test_requests_stand_in_the_menu_of_those_who_see_them(village, cast, client):
    for who, shown in (("secretary", True), ("township officer", True), ("member", False)):
        client.force_login(cast[who])
        page = client.get("/more/").content.decode()
        assert ('href="/requests/"' in page) is shown
