"""Every page at 390 and 1280 px: nothing for axe, nothing too small, nothing sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import NO_PAGES, STEPS, VISITS, addresses

PHONE, DESK, NARROW = 390, 1280, 320
AXE = Axe()
# What is well is not asked for: telling it takes as long as finding out.
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
LAYOUT = """({width, touch}) => {
  const faults = [], all = { visibilityProperty: true, contentVisibilityAuto: true };
  const seen = (e) => e.checkVisibility(all);
  const text = (e) => e.textContent.trim().slice(0, 30);
  const named = (e) => `<${e.tagName.toLowerCase()} ${e.className || e.name || ""}> ${text(e)}`;
  if (document.documentElement.scrollWidth > width) {
    faults.push(`sideways: ${document.documentElement.scrollWidth} of ${width}`);
    for (const e of document.querySelectorAll("main *")) {
      const box = e.getBoundingClientRect();
      if (box.right > width + 1 && box.width && !e.closest(".z-scroll, figure")) {
        faults.push(`wide: ${named(e)}`);
      }
      if (faults.length > 3) break;
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && seen(e) && !/^(SCRIPT|STYLE|TITLE)$/.test(e.tagName)) {
      const size = parseFloat(getComputedStyle(e).fontSize);
      if (size < 16) faults.push(`text ${size}: ${named(e)}`);
    }
  }
  if (touch) {
    const controls = "a[href], button, input, select, textarea, summary";
    for (const e of document.querySelectorAll(controls)) {
      if (!seen(e) || e.type === "hidden" || e.closest(".z-skip, .z-vh")) continue;
      const style = getComputedStyle(e);
      if (e.tagName === "A" && style.display === "inline") continue;  // inside a sentence
      const box = (e.closest("label") || e).getBoundingClientRect();
      if (box.width && (box.height < 43.5 || box.width < 43.5)) {
        faults.push(`touch ${Math.round(box.width)}x${Math.round(box.height)}: ${named(e)}`);
      }
    }
  }
  return [...new Set(faults)];
}"""


PRINTED = """() => {
  const all = { visibilityProperty: true, contentVisibilityAuto: true };
  const said = (e) => e.textContent.trim().slice(0, 30);
  const text = (e) => `<${e.tagName.toLowerCase()} ${e.className}> ${said(e)}`;
  const faults = [];
  const pressed = "nav, .btn, .z-side, .z-top, .z-tabs, .z-savebar, .z-filters, .z-find, .z-skip";
  for (const e of document.querySelectorAll(pressed)) {
    if (e.checkVisibility(all)) faults.push(`pressed: ${text(e)}`);
  }
  for (const e of document.querySelectorAll("main details > *:not(summary)")) {
    if (!e.matches(".btn, .z-btns, .z-noprint, form, [hidden]") && !e.closest(".z-noprint")
        && e.textContent.trim() && !e.checkVisibility(all)) faults.push(`folded: ${text(e)}`);
  }
  for (const e of document.querySelectorAll("main, main section, main p, main h1, main h2")) {
    if (e.checkVisibility(all) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth) {
      if (!e.querySelector("table, figure")) faults.push(`cut off: ${text(e)}`);
    }
  }
  return [...new Set(faults)];
}"""


def print_faults(page):
    """What paper must not show, and what it must not lose; A4 without its margins."""
    page.set_viewport_size({"width": 658, "height": 971})
    page.emulate_media(media="print")
    found = [f"print: {fault}" for fault in page.evaluate(PRINTED)]
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": PHONE, "height": 844})
    return found


def layout_faults(page, width, *, touch=False):
    page.set_viewport_size({"width": width, "height": 844})
    return [f"{width}: {f}" for f in page.evaluate(LAYOUT, {"width": width, "touch": touch})]


def axe_faults(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate(VIOLATIONS)
    return [
        f"{width}: {rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


def faults_on_a_phone(page):
    return layout_faults(page, PHONE, touch=True) + axe_faults(page, PHONE)


def faults_of(page):
    found = faults_on_a_phone(page)
    found += layout_faults(page, NARROW)
    page.evaluate("document.documentElement.classList.add('large')")
    found += [f"large print {fault}" for fault in layout_faults(page, PHONE)]
    page.evaluate("document.documentElement.classList.remove('large')")
    found += axe_faults(page, DESK)
    found += layout_faults(page, DESK)
    page.set_viewport_size({"width": PHONE, "height": 844})
    return found


def test_every_address_is_looked_at_or_no_page():
    assert set(VISITS) & set(NO_PAGES) == set()
    assert set(VISITS) | set(NO_PAGES) == addresses()


# Each address once; how else it may look, to others and in other states, is looked at among
# what is slow: pytest -m browser.
LOOKS = [
    pytest.param(visit, id=str(visit), marks=[pytest.mark.slow] if place else [])
    for visits in VISITS.values()
    for place, visit in enumerate(visits)
]


@pytest.mark.parametrize("visit", LOOKS)
def test_page_is_whole(visit, window, site):
    page = window(visit.role, is_mobile=False)
    if visit.status != 200:
        page.watched.forgives_status = visit.status
    answer = page.goto(visit.path.format(**site.facts))
    assert answer.status == visit.status
    assert page.locator("h1").count() == 1
    found = faults_of(page) + print_faults(page)
    for name in visit.then:
        STEPS[name](page)
        found += [f"{name}: {fault}" for fault in faults_on_a_phone(page)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)
