"""A resident asks and follows with a keyboard alone: Tab, Space, Enter and letters, nothing else,
and always sees where they are."""

import re

from playwright.sync_api import Page, expect

MOST_TABS = 60
SAID = "五组到小学那段路，路灯坏了三盏"
# the outline may stand on what is drawn for a control: its label, or the span beside it
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const drawn = [e, e.nextElementSibling, e.closest("label"), e.closest(".form-control")];
  const visible = drawn.some((each) => {
    if (!each) return false;
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && !/, 0\\)$|transparent/.test(style.outlineColor) && box.width > 0 && box.height > 0
      && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
  });
  const label = e.labels && e.labels.length ? e.labels[0].textContent : "";
  const group = e.closest("fieldset");
  return {
    name: (e.getAttribute("aria-label") || label || e.textContent || e.value || "").trim(),
    group: group ? group.textContent.trim() : "", tag: e.tagName, type: e.type || "", visible,
  };
}"""


def tab_to(page: Page, what: str, *, tag: str = "") -> None:
    """Press Tab until something called ``what`` has the focus, which is seen at every stop."""
    stops = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            continue
        assert focus["visible"], f"nobody sees that {focus} has the focus"
        stops.append(f"{focus['tag']} {focus['name'][:20]}")
        if re.search(what, focus["name"]) and tag in ("", focus["tag"]):
            return
    raise AssertionError(f"Tab does not come to {what}: {stops}")


def press(page: Page, key: str) -> None:
    """What leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_request_is_made_and_followed_by_keyboard(window, site):
    page = window("")
    page.goto(f"/open/{site.facts['branch']}/")
    assert page.viewport_size["width"] == 390

    tab_to(page, "^(提诉求|我有事|有事|反映|.*办事)", tag="A")
    press(page, "Enter")
    tab_to(page, "您有什么事", tag="A")
    press(page, "Enter")
    tab_to(page, "用水用电", tag="INPUT")  # one stop for all of them
    for _ in range(MOST_TABS):
        page.keyboard.press("ArrowDown")
        if re.search("路灯|道路", page.evaluate(FOCUS)["name"]):
            break
    assert re.search("路灯|道路", page.evaluate(FOCUS)["name"])
    tab_to(page, "什么事|说说", tag="TEXTAREA")
    page.keyboard.type(SAID)
    tab_to(page, "等于几", tag="INPUT")
    one, two = re.findall(r"\d", page.evaluate(FOCUS)["name"])[:2]
    page.keyboard.type(str(int(one) + int(two)))
    tab_to(page, "^提交$", tag="BUTTON")
    press(page, "Enter")

    code = page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)
    tab_to(page, "^查进度$", tag="A")
    press(page, "Enter")
    tab_to(page, "查询码", tag="INPUT")
    page.keyboard.type(code.lower().replace("-", " "))
    press(page, "Enter")

    expect(page.get_by_text("办理经过")).to_be_visible()
    tab_to(page, "关上", tag="BUTTON")
    press(page, "Enter")
    page.goto("/open/track/mine/")
    expect(page).to_have_url(re.compile(r"/open/track/$"))
