"""What was typed stays on the device until it is saved or its owner signs out."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.served import sign_in

THEME, DECISION = "秋收帮工", "成立秋收帮扶小组"
KEPT = """() => Object.keys(localStorage).filter((key) => key.startsWith("zhibu:draft:"))"""


def kept(page):
    return page.evaluate(KEPT)


def theme(page):
    return page.get_by_role("textbox", name="主题")


def begin(page, what="支委会"):
    """Open the record screen for a duty from the desk, and type something."""
    page.goto("/workbench/")
    page.locator(".z-duty", has_text=what).first.get_by_role("link", name="记录").click()
    page.wait_for_load_state()  # what is typed before the script runs is not seen as a change
    theme(page).fill(THEME)
    expect(page.get_by_text("草稿已存")).to_be_visible()


@pytest.fixture
def page(window, site):
    """The drafter's phone, nothing kept on it yet."""
    opened = window("drafter")
    opened.goto("/workbench/")
    return opened


def test_draft_survives_a_lost_connection(page):
    page.goto("/activities/record/")
    page.watched.forgives_offline = True
    page.context.set_offline(True)
    expect(page.get_by_text("没有网络，写的存在手机上")).to_be_visible()
    theme(page).fill(THEME)
    page.locator(".z-chip", has_text="戴志明").click()
    expect(page.get_by_text("草稿已存")).to_be_visible()
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()

    page.context.set_offline(False)
    page.goto("/activities/record/")

    expect(page.get_by_text("上次没保存的内容还在")).to_be_visible()
    expect(theme(page)).to_have_value(THEME)
    expect(page.get_by_role("checkbox", name="戴志明")).to_be_checked()
    expect(page.locator("[data-count]")).to_contain_text("缺席 1 人")


def test_saving_offline_sends_when_the_connection_is_back(window):
    page = window("drafter")
    page.goto("/activities/record/?what=knational/branch-life:party-class")
    theme(page).fill("微党课")
    page.watched.forgives_offline = True
    page.context.set_offline(True)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("没有网络，已存在手机上")).to_be_visible()

    page.context.set_offline(False)

    expect(page.get_by_role("status")).to_contain_text("党课已保存，20 人到会。")
    assert kept(page) == []


def test_saved_record_leaves_no_draft(window):
    page = window("drafter")
    begin(page, "党员大会")
    assert len(kept(page)) == 1

    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("党员大会已办")
    assert kept(page) == []


def test_refused_record_keeps_what_was_typed(page):
    begin(page)
    page.get_by_label("赞成").fill("9")
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("还没保存，有 1 处要改")
    expect(theme(page)).to_have_value(THEME)
    expect(page.get_by_role("link", name=re.compile("表决了什么"))).to_be_visible()
    assert len(kept(page)) == 1


def test_second_decision_comes_back_with_the_draft(page):
    begin(page)
    page.get_by_label("决定了什么").fill(DECISION)
    page.get_by_role("button", name="加一项决定").click()
    second = page.locator("[data-decision]").nth(1).get_by_label("决定了什么")
    expect(second).to_be_focused()
    second.fill("增补路灯 14 盏")
    expect(page.get_by_text("草稿已存")).to_be_visible()

    page.reload()

    expect(page.get_by_text("上次没保存的内容还在")).to_be_visible()
    expect(page.locator("[data-decision]")).to_have_count(2)
    expect(page.locator("[data-decision]").nth(0).get_by_label("决定了什么")).to_have_value(
        DECISION
    )
    expect(second).to_have_value("增补路灯 14 盏")
    expect(theme(page)).to_have_value(THEME)


def test_draft_goes_along_when_the_duty_is_changed(page):
    begin(page)
    page.get_by_label("什么会").select_option(label="组织生活会（2026年应办）")
    expect(page.locator("[data-absent]")).to_have_count(20)
    expect(theme(page)).to_have_value(THEME)

    page.reload()

    expect(page.get_by_label("什么会").locator("option:checked")).to_have_text(
        "组织生活会（2026年应办）"
    )
    expect(theme(page)).to_have_value(THEME)
    assert len(kept(page)) == 1


def test_draft_of_one_duty_is_only_offered_on_another(page):
    begin(page)
    page.goto("/workbench/")
    page.locator(".z-duty", has_text="组织生活会").get_by_role("link", name="记录").click()

    expect(theme(page)).to_have_value("")
    expect(page.get_by_text("还有没保存的记录")).to_be_visible()
    page.get_by_role("link", name="支委会（11月应办）").click()

    expect(theme(page)).to_have_value(THEME)


def test_draft_can_be_thrown_away(page):
    begin(page)
    page.reload()

    page.get_by_role("button", name="重新填").click()

    expect(theme(page)).to_have_value("")
    expect(page.get_by_text("上次没保存的内容还在")).to_have_count(0)
    assert kept(page) == []


def test_signing_out_clears_drafts(window, site):
    page = window("")
    sign_in(page, site, "drafter")
    begin(page)
    page.goto("/more/")

    page.get_by_role("button", name="退出登录").click()

    expect(page.get_by_text("这台设备上没留下草稿")).to_be_visible()
    assert kept(page) == []


def test_another_user_of_the_device_does_not_see_the_draft(window, site):
    page = window("")
    sign_in(page, site, "secretary")
    page.goto("/activities/record/")
    theme(page).fill(THEME)
    expect(page.get_by_text("草稿已存")).to_be_visible()
    page.context.clear_cookies()  # the session ran out; nobody signed out

    sign_in(page, site, "committee")
    page.goto("/activities/record/")

    expect(theme(page)).to_have_value("")
    expect(page.get_by_text("没保存")).to_have_count(0)
