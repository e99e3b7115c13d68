"""Pictures drawn from the seeded demo: the README's, and those of the users' handbook.

python -m tests.browser.pictures            all of them
python -m tests.browser.pictures record me  only these of the handbook
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Error, sync_playwright

import zhibu
from tests.browser.pages import STEPS
from tests.browser.served import Served, launch, served, signed_in

README = Path(__file__).parents[2] / "docs" / "images" / "screens.png"
HANDBOOK = Path(zhibu.__file__).parent / "static" / "handbook"
PAPER, LINE, GAP = "#ffffff", "#b9b4a8", 32
WIDEST, COLOURS = 780, 128
PEOPLE, UNITS, TASKS = "/people", "/organizations", "/tasks"


@dataclass(frozen=True)
class Shot:
    """The first view of a page as somebody sees it, on the phone or on the desk, after steps;
    ``large`` in large print, ``at`` scrolled to the first element that has the text."""

    role: str
    path: str
    screen: str = "phone"
    then: tuple[str, ...] = ()
    large: bool = False
    at: str = ""


def phone(role: str, path: str, *then: str, large: bool = False, at: str = "") -> Shot:
    return Shot(role, path, "phone", then, large, at)


def desk(role: str, path: str, *then: str, at: str = "") -> Shot:
    return Shot(role, path, "desk", then, at=at)


SHOTS: dict[str, Shot] = {
    # members
    "activate": phone("", "/accounts/activate/"),
    "today": phone("member", "/today/"),
    "leave": phone("member", "/activities/{planned}/leave/"),
    "activities": phone("member", "/activities/"),
    "talk": phone("secretary", "/duties/talks/new/"),
    "me": phone("member", f"{PEOPLE}/me/"),
    "mail": phone("secretary", "/notices/settings/"),
    "search": phone("secretary", "/search/?q=jhm"),
    "large": phone("member", "/today/", large=True),
    "calendar": phone("member", "/calendar/"),
    # residents
    "open-village": phone("", "/open/{branch}/"),
    "open-promises": phone("", "/open/{branch}/promises/"),
    "open-find": phone("", "/open/find/?q=活动室"),
    "open-publication": phone("", "/open/publication/{open_notice}/"),
    "open-ask": phone("", "/open/{branch}/ask/seeds/requests/request/"),
    "open-track": phone("", "/open/track/"),
    "open-large": phone("", "/open/{branch}/", large=True),
    # branches
    "workbench": phone("secretary", "/workbench/"),
    "record": phone(
        "secretary", "/activities/record/?what=knational/branch-life:general-meeting", at="没来的"
    ),
    "planned": phone("secretary", "/activities/{planned}/"),
    "correct": phone("secretary", "/activities/{activity}/"),
    "money": phone("secretary", "/money/{book}/"),
    "claims": phone("secretary", "/money/{book}/list/"),
    "explain": phone("secretary", "/duties/{overdue}/explain/"),
    "case": phone("secretary", "/cases/{case_late}/"),
    "board": desk("township", "/cases/{case_checked}/"),
    "commons": desk("township", "/cases/common/"),
    "coverage": desk("township", "/cases/coverage/?of=seeds/commitments:member:members"),
    "begin-many": phone(
        "township", "/cases/start/{big}/many/?procedure=seeds/rectification:rectify"
    ),
    "promise": phone(
        "secretary", "/cases/start/{branch}/?procedure=seeds/commitments:organization"
    ),
    "pool": desk("township", "/insight/pool/"),
    "votes": phone("secretary", "/cases/{admit_vote}/", at="表决的票数"),
    "notice": phone("secretary", "/cases/{admit_notice}/", at="公示和异议"),
    "claimable": phone("secretary", "/cases/pool/"),
    "claim": phone("secretary", "/cases/{room}/", at="查电线"),
    "diagram": desk("secretary", "/cases/{case_late}/diagram/", at="不同意"),
    "cases-many": phone(
        "township",
        "/cases/many/?procedure=seeds/rectification:rectify&stage=check",
        "preview check",
    ),
    "papers": phone("secretary", "/cases/papers/"),
    "publication": phone("secretary", "/publishing/{proposed}/"),
    "posting": phone("secretary", "/publishing/{public}/", at="公开在哪里"),
    "voice": phone("secretary", "/publishing/voices/{voice}/"),
    "register": phone("secretary", "/registers/rows/{contract}/"),
    "links": phone("secretary", "/pairings/"),
    "rota": phone("member", "/pairings/rotas/{rota}/", at="来不了"),
    "campaign-unit": phone("secretary", "/campaigns/units/{unit}/?phase=study"),
    "campaign": desk("township", "/campaigns/{drive}/?phase=study"),
    "tasks-many": phone("secretary", f"{TASKS}/many/", "preview days"),
    "answer": phone("secretary", f"{TASKS}/{{handed}}/answer/"),
    "people": phone("secretary", f"{PEOPLE}/"),
    "people-many": phone("township", f"{PEOPLE}/many/place/?at={{branch}}", "preview move"),
    "branch": phone("secretary", f"{UNITS}/{{branch}}/", at="党小组"),
    "account": phone("secretary", f"{PEOPLE}/{{person}}/account/"),
    "theme": phone("themed", "/activities/{filed}/"),
    "filters": phone("secretary", "/activities/?since=2026-01-01", "unfold", at="存下的筛选"),
    "tokens": desk("secretary", "/accounts/tokens/"),
    # townships
    "overview": desk("township", "/overview/"),
    "register-gaps": desk("township", "/registers/seeds/county-registers/venues/"),
    "caps": desk("township", "/burden/"),
    "issue": desk("township", f"{TASKS}/commissions/new/", "unfold", "cost"),
    "commission": desk("township", f"{TASKS}/commissions/{{commission}}/"),
    "exempt-many": desk("township", "/insight/column/exempt/?{column}", "preview reason"),
    "import": desk("receiver", "/imports/{checked}/"),
    "terms": desk("township", f"{UNITS}/terms/?due=all"),
    "merge": desk("township", f"{UNITS}/{{empty}}/merge/", "preview merger"),
    "groups-change": desk(
        "secretary", f"{PEOPLE}/groups/change/?group={{retired}}&age_from=50", "preview"
    ),
    "table": desk("township", "/insight/?subject=duties&row=place&column=month"),
    "filings": desk("receiver", "/activities/filings/"),
    # the county
    "rules": desk("secretary", "/rules/"),
    "adopt": desk("county", "/rules/adopt/"),
    "fields": desk("county", "/insight/fields/"),
    "ledger": desk("township", "/ledger/?below=1"),
    # administrators
    "admin": desk("system-admin", "/admin/"),
    "proposal": desk("security-admin", "/admin/packs/{proposal}/"),
    "feedback": desk("system-admin", "/notices/feedback/{waiting}/"),
    "deliveries": desk("system-admin", "/notices/outside/"),
    "ledger-all": desk("audit-admin", "/ledger/"),
}


def taken(browser: Browser, site: Served, shot: Shot) -> Image.Image:
    """The view, framed."""
    context = signed_in(browser, site, shot.role, screen=shot.screen)
    page = context.new_page()
    page.goto(shot.path.format(**site.facts))
    for step in shot.then:
        STEPS[step](page)
    if shot.large:
        page.evaluate("document.documentElement.classList.add('large')")
    if shot.at:
        page.get_by_text(shot.at).first.evaluate("e => e.scrollIntoView()")
        page.evaluate("window.scrollBy(0, -80)")
    found = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return ImageOps.expand(found, border=1, fill=LINE)


def side_by_side(*screens: Image.Image) -> Image.Image:
    width = sum(each.width for each in screens) + GAP * (len(screens) + 1)
    height = max(each.height for each in screens) + 2 * GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    left = GAP
    for each in screens:
        sheet.paste(each, (left, GAP))
        left += each.width + GAP
    return sheet


def small(image: Image.Image) -> Image.Image:
    """Narrow enough for a page, in few colours."""
    if image.width > WIDEST:
        image = image.resize(
            (WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS
        )
    return image.quantize(COLOURS)


def kept(browser: Browser, site: Served, name: str) -> bool:
    """Draw one picture of the handbook; false, with the reason said, where that fails."""
    try:
        picture = small(taken(browser, site, SHOTS[name]))
    except Error as error:
        print(f"{name}: {error.message.splitlines()[0]}", file=sys.stderr)  # noqa: T201
        return False
    picture.save(HANDBOOK / f"{name}.png", optimize=True)
    return True


def main(names: list[str]) -> None:
    with served() as site, sync_playwright() as playwright:
        browser = launch(playwright)
        HANDBOOK.mkdir(parents=True, exist_ok=True)
        failed = [name for name in names or SHOTS if not kept(browser, site, name)]
        if not names:
            sheet = side_by_side(
                taken(browser, site, SHOTS["overview"]), taken(browser, site, SHOTS["workbench"])
            )
            README.parent.mkdir(parents=True, exist_ok=True)
            sheet.quantize(96).save(README, optimize=True)
        browser.close()
    if failed:
        sys.exit(f"没有画成：{'、'.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
