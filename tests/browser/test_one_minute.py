"""From 支部工作台 to the meeting in the list: touches counted, keyboard alone, without script."""

import re
import time

from playwright.sync_api import expect

from tests.browser.served import sign_in

ABSENT, REASON = "高宝根", "生病"
THEME = "村东灌溉渠清淤"
DECISION = "把清淤方案提交村民代表会议"
TASK, OWNER = "联系清淤施工队", "戴志明"
MOST_TOUCHES = 12
STROKES_A_SECOND = 4  # pinyin on a phone's keyboard: about two strokes a character
SECONDS_A_TOUCH = 1.5  # find it with the eye, reach it with the thumb


class Thumb:
    """Touches a page as a hand would, counting each tap and each field it goes into."""

    def __init__(self, page):
        self.page = page
        self.touches = 0
        self.strokes = 0

    def tap(self, found):
        found.scroll_into_view_if_needed()
        found.tap()
        self.touches += 1

    def write(self, found, text, strokes):
        self.tap(found)
        self.page.keyboard.insert_text(text)
        self.strokes += strokes

    def choose(self, found, label):
        """A native select counts once: one tap opens the wheel, the wheel gives the value."""
        found.scroll_into_view_if_needed()
        found.select_option(label=label)
        self.touches += 1

    @property
    def seconds(self):
        return self.touches * SECONDS_A_TOUCH + self.strokes / STROKES_A_SECOND


def test_meeting_of_twenty_takes_at_most_twelve_touches(window, site, capsys):
    page = window("")
    sign_in(page, site, "touch")
    expect(page).to_have_url(re.compile("/workbench/$"))
    thumb = Thumb(page)
    began = time.monotonic()

    duty = page.locator(".z-duty", has_text="党员大会")
    thumb.tap(duty.get_by_role("link", name="记录"))
    expect(page.locator("[data-absent]")).to_have_count(20)
    thumb.tap(page.locator(".z-chip", has_text=ABSENT))
    thumb.choose(page.get_by_label(f"{ABSENT} 为什么没来"), REASON)
    thumb.write(page.get_by_role("textbox", name="主题"), THEME, 14)
    thumb.write(page.get_by_label("决定了什么"), DECISION, 26)
    thumb.write(page.get_by_label("赞成"), "17", 2)
    expect(page.locator("[data-vote]")).to_contain_text("赞成 17，反对 0，弃权 0")
    expect(page.locator("[data-vote]")).to_contain_text("通过")
    thumb.write(page.get_by_label("要做的事"), TASK, 14)
    thumb.choose(page.get_by_label("谁办"), OWNER)
    thumb.tap(page.get_by_role("button", name="保存", exact=True))

    expect(page.get_by_role("status")).to_contain_text("党员大会已办，19 人到会，派了 1 件事。")
    thumb.tap(page.get_by_role("link", name="返回"))
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("党员大会")
    expect(row).to_contain_text(THEME)
    expect(row).to_contain_text("19/20")
    with capsys.disabled():
        print(  # noqa: T201 - the figure is the point
            f"\n{thumb.touches} touches; {thumb.seconds:.0f} s by hand "
            f"({SECONDS_A_TOUCH} s a touch, {STROKES_A_SECOND} strokes a second, "
            f"{thumb.strokes} strokes); machine {time.monotonic() - began:.1f} s"
        )
    assert thumb.touches <= MOST_TOUCHES
    assert thumb.seconds <= 60


STOP = """() => {
  const found = document.activeElement, seen = getComputedStyle(found);
  const label = found.closest(".z-chip") ? getComputedStyle(found.nextElementSibling) : seen;
  const box = found.getBoundingClientRect(), head = box.top + Math.min(box.height, 44);
  const covered = [...document.querySelectorAll(".z-savebar, .z-tabs, .z-top")].some((bar) => {
    const over = bar.getBoundingClientRect();
    return !bar.contains(found) && over.height > 0 && box.right > over.left && box.left < over.right
      && (over.top > 100 ? head > over.top + 1 : box.top < over.bottom - 1);
  });
  return {
    what: found.tagName + " " + (found.name || found.textContent.trim()),
    ring: parseFloat(label.outlineWidth) >= 2 && label.outlineStyle !== "none",
    shown: box.width > 0 && box.top >= 0 && head <= innerHeight && !covered,
    top: box.top + scrollY,
    inForm: !!found.closest("#record") && !found.closest(".z-savebar"),
  };
}"""


class Keys:
    """Goes through a page with the keyboard alone; every stop must show where it is."""

    def __init__(self, page):
        self.page = page
        self.pressed = 0
        self.stops = []

    def to(self, wanted):
        """Tab until ``wanted`` has the focus."""
        for _ in range(80):
            if wanted.count() == 1 and wanted.evaluate("e => e === document.activeElement"):
                return
            self.press("Tab")
            stop = self.page.evaluate(STOP)
            assert stop["ring"], f"看不出焦点在哪：{stop['what']}"
            assert stop["shown"], f"焦点不在屏幕上：{stop['what']}"
            self.stops.append(stop)
        raise AssertionError(f"Tab 走不到 {wanted}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def write(self, wanted, text):
        self.to(wanted)
        self.page.keyboard.insert_text(text)


def test_meeting_is_recorded_with_the_keyboard_alone(window, site):
    page = window("", screen="desk")
    sign_in(page, site, "keys")
    keys = Keys(page)

    duty = page.locator(".z-duty", has_text="党员大会")
    keys.to(duty.get_by_role("link", name="记录"))
    keys.press("Enter")
    expect(page.locator("[data-absent]")).to_have_count(20)
    keys.stops.clear()
    keys.write(page.get_by_role("textbox", name="主题"), THEME)
    keys.to(page.get_by_role("checkbox", name=ABSENT))
    keys.press("Space")
    keys.to(page.get_by_label(f"{ABSENT} 为什么没来"))
    keys.press("Home")
    keys.write(page.get_by_label("决定了什么"), DECISION)
    keys.write(page.get_by_label("赞成"), "17")
    expect(page.locator("[data-vote]")).to_contain_text("赞成 17，反对 0，弃权 0")
    expect(page.locator("[data-passed]")).to_be_visible()
    keys.write(page.get_by_label("要做的事"), TASK)
    keys.to(page.get_by_label("谁办"))
    keys.press("ArrowDown", "ArrowDown", "ArrowDown")
    keys.to(page.get_by_role("button", name="保存", exact=True))
    inside = [stop["top"] for stop in keys.stops if stop["inForm"]]
    assert inside == sorted(inside), "Tab 的次序和看到的次序不一样"
    keys.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("党员大会已办，19 人到会，派了 1 件事。")
    keys.to(
        page.get_by_role("navigation", name="主导航").get_by_role("link", name="活动", exact=True)
    )
    keys.press("Enter")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(THEME)
    expect(row).to_contain_text("19/20")


def test_enter_in_a_field_saves_nothing(window):
    page = window("keys")
    page.goto("/activities/record/")
    page.get_by_role("textbox", name="主题").fill(THEME)

    page.keyboard.press("Enter")

    expect(page.get_by_role("textbox", name="主题")).to_have_value(THEME)
    expect(page.locator("#record")).to_be_visible()
    assert page.evaluate("document.activeElement.name") != "theme"


def test_meeting_is_recorded_without_script(window):
    page = window("plain", java_script_enabled=False)
    page.goto("/workbench/")
    page.locator(".z-duty", has_text="支委会").get_by_role("link", name="记录").click()

    page.get_by_label("什么会").select_option(label="党员大会（四季度应办）")
    page.get_by_role("button", name="换", exact=True).click()
    expect(page.locator("[data-absent]")).to_have_count(20)
    page.get_by_role("textbox", name="主题").fill(THEME)
    page.locator(".z-chip", has_text=ABSENT).click()
    page.get_by_text("缺席的人，为什么没来").click()
    page.get_by_label(f"{ABSENT} 为什么没来").select_option(label=REASON)
    page.get_by_label("决定了什么").fill(DECISION)
    page.get_by_label("赞成").fill("17")
    expect(page.get_by_text("反对、弃权空着按 0 票算")).to_be_visible()
    page.get_by_role("button", name="加一项决定").click()
    second = page.locator("[data-decision]").nth(1).get_by_label("决定了什么")
    second.fill("活动室添置桌椅")
    page.get_by_label("要做的事").fill(TASK)
    page.get_by_label("谁办").select_option(label=OWNER)
    page.get_by_role("button", name="保存", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("党员大会已办，19 人到会，派了 1 件事。")
    expect(page.get_by_text("赞成 17，反对 0，弃权 0；通过要 10 票。")).to_be_visible()
    expect(page.get_by_text("活动室添置桌椅")).to_be_visible()
    expect(page.get_by_text(f"{ABSENT}（{REASON}）")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page.locator("tbody tr").first).to_contain_text(THEME)
