"""Every address, and as whom its cost is taken; a new one without a line here fails.

Paths are filled from ``growing.County.facts``.
"""

from dataclasses import dataclass

from tests.scenes import DRIVE, RECTIFY

MOST = 12


@dataclass(frozen=True)
class Cost:
    """A page as somebody sees it. ``most`` is above twelve only with a ``reason``."""

    role: str
    path: str
    most: int = MOST
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.path}"


DESK = "a screen over seven areas: duties, plans, tasks, cases, attendance, hints of packs, terms"
OVERVIEW = "calls for help (packs, terms, posts, words, helpers) above the figures and their rows"
MONTH = "a month over five areas: obligations, own and added up, plans, tasks, turns; the feed"
TALKS = "one's obligations, words awaited, talks, and a second list: whom one may help"
TODAY = "a screen over eight areas; obligations of one's own bring their packs and names"
STORY = "a case whole: turns, votes, notices, links, papers, what is gathered, what one may do"
TURNS = "five turns open at once: whom each may choose, its notices, what may be done"
DRAFTING = "judges what is owed, which packs hold and who is expected, each dated, before a form"
CHECKS = "five checks, each counts the whole and the parts apart and names what breaks them"
RECORD = "one record whole: attendance, votes, tasks, results, versions, files, ticks, proof"

SUMS = "sums by account, work, pledges, lists and places of books, each asked once for all shown"
BOOK = "rows, sums, counts by choice and by unit, who lacks one, each asked once for all"
TAKING = "whether one may write one down at one's own place: packs in force, what they offer"
LINKED = "kinds in force, links held and owed a contact by kind, channels, each asked once for all"
CHOSEN = "who belongs here, is a guest or holds a post, and which packs are in force"
CAPPED = "packs in force here and at each place below, and a count a cap"
LACKING = "who ought to have a row: the tree of the day, rows, packs in force, a condition"
OFFERED = "each measure is asked what it can be asked for here, then one of them is counted"
GRID = "days, gates, entries, rolls and bodies of a campaign, each asked once for all units shown"
LEDGER = "where the heads went, place by place, above the entries"
UNIT = "a unit whole: its names and place, posts with who holds them, groups, members counted"
TWICE = "three ways to be alike, each by groups and then by people"
PAIR = "two people side by side: states, branches, groups, posts and account of each"
OPEN = "what is open on a post, asked of every area, beside whom it may go to"
BESIDE = "stages and steps of this year and of the last, each counted by itself, and the plan"
FOLDED = "counted by organisation, then added up along the tree as it stood"
ROWS_OF = "the figure and its rows are counted each by itself, so that they can be compared"
SHOWN = "attendance of the rows shown and the kinds to choose are asked apart, not of all rows"
SECTIONS = "one box over every area, a query or two each, so that nobody has to know where"
EVERYTHING = "all that is held on a person, a query for each section of every area"

UNDER = "a query for each topic that such a record may be made public under"

LIFE = "national/branch-life"
BOOKS = "/registers/seeds/county-registers/"
HOUSEHOLDS = "seeds/link-roster:households"
PAIRS = "/pairings/seeds/link-roster/households/"
ROTA = "/pairings/seeds/estate-rota/duty/"
CAP = "/burden/seeds/meeting-gate/meetings/"
TOPIC = "national/open-affairs:grassroots/own-building"
ROWS = "/insight/rows/?subject="
UNITS, PEOPLE, PACK = "/organizations", "/people", f"/rules/packs/{LIFE}/"
GROUPED = "?group=seeds/member-groups:field-plans/retired&way=out"
OFFICER, COUNTY, SYSTEM = "township officer", "county officer", "system admin"

COSTS: dict[str, list[Cost]] = {
    "desk:today": [Cost("member", "/today/", 20, TODAY)],
    "desk:workbench": [Cost("secretary", "/workbench/", 24, DESK)],
    "desk:calendar": [
        Cost("member", "/calendar/?month=2026-11"),
        Cost("member", "/calendar/?month=2026-12", 14, MONTH),
        Cost("secretary", "/calendar/?organization={village}&month=2026-11", 15, MONTH),
        Cost("secretary", "/calendar/?organization={village}&month=2026-12", 17, MONTH),
        Cost(COUNTY, "/calendar/?organization={village}&month=2026-12&export=1", 14, MONTH),
    ],
    "desk:feed": [Cost("signed out", "/calendar/{feed_secret}.ics")],
    "desk:proposals": [Cost(SYSTEM, "/admin/packs/")],
    "desk:proposal": [
        Cost(SYSTEM, "/admin/packs/{proposal}/"),
        Cost("security admin", "/admin/packs/{proposal}/"),
    ],
    "desk:overview": [
        Cost(COUNTY, "/overview/", 27, OVERVIEW),
        Cost(COUNTY, "/overview/?calls=1&window=year&state=overdue", 27, OVERVIEW),
        Cost(COUNTY, "/overview/?export=1"),
    ],
    "desk:help": [Cost("secretary", "/help/"), Cost(SYSTEM, "/help/")],
    "desk:chapter": [Cost("secretary", "/help/secretary/")],
    "desk:search": [
        Cost(COUNTY, "/search/?q=1", 16, SECTIONS),
        Cost("secretary", "/search/?q=1", 15, SECTIONS),
        Cost("member", "/search/?q=1"),
        Cost(SYSTEM, "/search/"),
    ],
    "desk:ledger": [
        Cost("secretary", "/ledger/", 19, LEDGER),
        Cost(COUNTY, "/ledger/?below=1", 19, LEDGER),
        Cost("audit admin", "/ledger/", 16, LEDGER),
    ],
    "desk:entry_proof": [
        Cost("secretary", "/ledger/{entry}/proof.json"),
        Cost("audit admin", "/ledger/{entry}/proof.json"),
    ],
    "ledger:heads": [Cost("signed out", "/proofs/")],
    "ledger:proof": [Cost("signed out", "{proof}")],
    "ledger:proof_file": [Cost("signed out", "{proof}proof.json")],
    "desk:admin": [Cost(SYSTEM, "/admin/"), Cost("audit admin", "/admin/")],
    "core:more": [Cost("secretary", "/more/"), Cost(OFFICER, "/more/")],
    "core:gallery": [Cost("member", "/gallery/")],
    "accounts:sign_in": [Cost("signed out", "/accounts/sign-in/")],
    "accounts:activate": [Cost("signed out", "/accounts/activate/")],
    "accounts:change_password": [Cost("member", "/accounts/password/")],
    "accounts:filters": [Cost("secretary", "/accounts/filters/")],
    "accounts:rename_filter": [Cost("secretary", "/accounts/filters/{filter}/")],
    "tokens:list": [Cost("secretary", "/accounts/tokens/")],
    "tokens:make": [Cost("member", "/accounts/tokens/new/")],
    "accounts:roles": [Cost("member", "/accounts/roles/")],
    "organizations:list": [Cost(COUNTY, f"{UNITS}/"), Cost(COUNTY, f"{UNITS}/?q=村")],
    "organizations:export": [Cost(COUNTY, f"{UNITS}/export/")],
    "organizations:detail": [
        Cost("secretary", f"{UNITS}/{{village}}/", 14, UNIT),
        Cost(OFFICER, f"{UNITS}/{{village}}/", 14, UNIT),
        Cost(COUNTY, f"{UNITS}/{{east}}/"),
        Cost(COUNTY, f"{UNITS}/{{county}}/"),
    ],
    "organizations:history": [Cost(OFFICER, f"{UNITS}/{{village}}/history/")],
    "organizations:found": [Cost(OFFICER, f"{UNITS}/{{east}}/found/")],
    "organizations:rename": [Cost(OFFICER, f"{UNITS}/{{village}}/rename/")],
    "organizations:change": [Cost(OFFICER, f"{UNITS}/{{village}}/change/")],
    "organizations:move": [Cost(COUNTY, f"{UNITS}/{{village}}/move/")],
    "organizations:dissolve": [Cost(OFFICER, f"{UNITS}/{{village}}/dissolve/")],
    "organizations:merge": [Cost(OFFICER, f"{UNITS}/{{village}}/merge/")],
    "organizations:split": [Cost(OFFICER, f"{UNITS}/{{village}}/split/")],
    "organizations:plan": [Cost(OFFICER, f"{UNITS}/{{village}}/plan/")],
    "organizations:plan_blank": [Cost(OFFICER, f"{UNITS}/{{east}}/plan/blank/")],
    "organizations:guide": [Cost(OFFICER, f"{UNITS}/{{village}}/guide/")],
    "organizations:end_guidance": [Cost(OFFICER, f"{UNITS}/guidances/{{guidance}}/end/")],
    "organizations:rotate": [Cost(OFFICER, f"{UNITS}/{{meeting}}/turns/")],
    "organizations:terms": [Cost(COUNTY, f"{UNITS}/terms/?due=all")],
    "organizations:export_terms": [Cost(COUNTY, f"{UNITS}/terms/export/?due=all")],
    "organizations:begin_term": [Cost(OFFICER, f"{UNITS}/{{village}}/term/")],
    "organizations:form_group": [Cost("secretary", f"{UNITS}/{{village}}/groups/")],
    "organizations:close_group": [Cost("secretary", f"{UNITS}/groups/{{group}}/close/")],
    "organizations:make_post": [Cost(OFFICER, f"{UNITS}/{{village}}/posts/")],
    "people:list": [
        Cost("secretary", f"{PEOPLE}/"),
        Cost(COUNTY, f"{PEOPLE}/"),
        Cost(COUNTY, f"{PEOPLE}/?q=gu"),
    ],
    "people:many": [
        Cost("secretary", f"{PEOPLE}/many/place/"),
        Cost(COUNTY, f"{PEOPLE}/many/host/?q=gu"),
        Cost("secretary", f"{PEOPLE}/many/group/?at={{village}}"),
    ],
    "people:export": [Cost(COUNTY, f"{PEOPLE}/export/")],
    "people:me": [Cost("member", f"{PEOPLE}/me/")],
    "people:register": [Cost("secretary", f"{PEOPLE}/register/{{village}}/")],
    "people:detail": [
        Cost("secretary", f"{PEOPLE}/{{person}}/"),
        Cost(OFFICER, f"{PEOPLE}/{{person}}/"),
    ],
    "people:change": [Cost("secretary", f"{PEOPLE}/{{person}}/change/")],
    "people:set_membership": [Cost(OFFICER, f"{PEOPLE}/{{person}}/membership/")],
    "people:place": [Cost(OFFICER, f"{PEOPLE}/{{person}}/place/")],
    "people:join_group": [Cost("secretary", f"{PEOPLE}/{{person}}/group/")],
    "people:reveal": [Cost("secretary", f"{PEOPLE}/{{person}}/reveal/phone/")],
    "people:host": [Cost("secretary", f"{PEOPLE}/{{person}}/host/")],
    "people:end_hosting": [Cost("secretary", f"{PEOPLE}/{{guest}}/host/end/")],
    "people:rights": [Cost("member", f"{PEOPLE}/me/rights/")],
    "people:looks_export": [Cost("member", f"{PEOPLE}/me/rights/looks/")],
    "people:own_data": [
        Cost("member", f"{PEOPLE}/me/rights/data/xlsx/", 46, EVERYTHING),
        Cost("member", f"{PEOPLE}/me/rights/data/json/", 46, EVERYTHING),
    ],
    "people:ask_correction": [Cost("member", f"{PEOPLE}/me/rights/correct/")],
    "people:corrections": [
        Cost("secretary", f"{PEOPLE}/corrections/"),
        Cost(COUNTY, f"{PEOPLE}/corrections/?all=1"),
    ],
    "people:correction": [
        Cost("secretary", f"{PEOPLE}/corrections/{{correction}}/"),
        Cost("member", f"{PEOPLE}/corrections/{{correction}}/"),
    ],
    "people:consents": [Cost("secretary", f"{PEOPLE}/{{person}}/consents/")],
    "people:member_groups": [
        Cost("secretary", f"{PEOPLE}/groups/"),
        Cost(COUNTY, f"{PEOPLE}/groups/"),
    ],
    "people:change_member_group": [
        Cost("secretary", f"{PEOPLE}/groups/change/{GROUPED}"),
        Cost(COUNTY, f"{PEOPLE}/groups/change/{GROUPED}"),
    ],
    "people:export_member_group": [Cost(COUNTY, f"{PEOPLE}/groups/export/{GROUPED}")],
    "people:groups_of": [Cost("secretary", f"{PEOPLE}/{{person}}/groups/")],
    "people:duplicates": [
        Cost("secretary", f"{PEOPLE}/duplicates/?at={{village}}", 14, TWICE),
        Cost(COUNTY, f"{PEOPLE}/duplicates/"),
        Cost(COUNTY, f"{PEOPLE}/duplicates/?export=1"),
    ],
    "people:merge": [Cost("secretary", f"{PEOPLE}/duplicates/{{twin}}/{{other_twin}}/", 19, PAIR)],
    "people:hand_over": [
        Cost(OFFICER, f"{PEOPLE}/holdings/{{secretarys_holding}}/hand-over/", 22, OPEN)
    ],
    "people:handovers": [Cost(OFFICER, f"{PEOPLE}/handovers/")],
    "people:handover": [
        Cost(OFFICER, f"{PEOPLE}/handovers/{{handover}}/"),
        Cost("member", f"{PEOPLE}/handovers/{{handover}}/"),
    ],
    "people:handover_file": [Cost(OFFICER, f"{PEOPLE}/handovers/{{handover}}/word/")],
    "people:account": [Cost("secretary", f"{PEOPLE}/{{person}}/account/")],
    "people:appoint": [Cost(OFFICER, f"{PEOPLE}/posts/{{empty_post}}/appoint/")],
    "people:end_holding": [Cost("secretary", f"{PEOPLE}/holdings/{{holding}}/end/")],
    "activities:list": [
        Cost("member", "/activities/", 13, SHOWN),
        Cost(COUNTY, "/activities/?q=1", 14, SHOWN),
        Cost(COUNTY, "/activities/?export=1"),
    ],
    "activities:record": [
        Cost("secretary", "/activities/record/", 16, DRAFTING),
        Cost("secretary", "/activities/record/?obligation={obligation}", 14, DRAFTING),
        Cost(
            "secretary",
            "/activities/record/?what=knational/branch-life:general-meeting",
            18,
            DRAFTING,
        ),
    ],
    "activities:record_planned": [Cost("secretary", "/activities/{planned}/record/", 21, DRAFTING)],
    "activities:filings": [Cost(OFFICER, "/activities/filings/")],
    "activities:detail": [
        Cost("secretary", "/activities/{large}/", 19, RECORD),
        Cost("secretary", "/activities/{held}/", 23, RECORD),
        Cost("member", "/activities/{planned}/", 13, RECORD),
        Cost(OFFICER, "/activities/{theme_planned}/", 14, RECORD),
    ],
    "activities:of_person": [
        Cost("member", "/activities/of/{own}/"),
        Cost("secretary", "/activities/of/{own}/"),
        Cost(COUNTY, "/activities/of/{own}/?export=1"),
    ],
    "activities:correct": [Cost("secretary", "/activities/{large}/correct/", 21, DRAFTING)],
    "activities:cancel": [Cost("secretary", "/activities/{planned}/cancel/")],
    "activities:void": [Cost("secretary", "/activities/{held}/void/")],
    "activities:leave": [
        Cost("member", "/activities/{planned}/leave/"),
        Cost("secretary", "/activities/{planned}/leave/", 16, DRAFTING),
    ],
    "activities:minutes": [Cost("secretary", "/activities/{large}/minutes/")],
    "assignments:list": [
        Cost("secretary", "/tasks/"),
        Cost("member", "/tasks/?mine=1"),
        Cost(COUNTY, "/tasks/?q=1&state=open"),
    ],
    "assignments:assign": [Cost("secretary", "/tasks/new/")],
    "assignments:change": [Cost("secretary", "/tasks/{task}/change/")],
    "assignments:change_many": [Cost("secretary", "/tasks/many/")],
    "assignments:detail": [Cost("secretary", "/tasks/{task}/")],
    "assignments:name": [Cost("secretary", "/tasks/{handed}/names/")],
    "assignments:answer": [Cost("secretary", "/tasks/{handed}/answer/")],
    "assignments:commissions": [Cost(OFFICER, "/tasks/commissions/")],
    "assignments:issue": [Cost(OFFICER, "/tasks/commissions/new/")],
    "assignments:commission": [Cost(OFFICER, "/tasks/commissions/{commission}/")],
    "assignments:paper": [Cost(OFFICER, "/tasks/commissions/{commission}/paper/")],
    "assignments:withdraw": [Cost(OFFICER, "/tasks/commissions/{commission}/withdraw/")],
    "assignments:cancel": [Cost("secretary", "/tasks/{task}/cancel/")],
    "cases:list": [
        Cost("secretary", "/cases/"),
        Cost("member", "/cases/?view=all"),
        Cost(COUNTY, f"/cases/?q=1&view=overdue&procedure={RECTIFY}"),
        Cost(COUNTY, "/cases/?view=ended&export=1"),
    ],
    "cases:pool": [Cost("secretary", "/cases/pool/"), Cost("secretary", "/cases/pool/?export=1")],
    "cases:take_on": [Cost("secretary", "/cases/pool/{pooled}/")],
    "cases:board": [Cost(COUNTY, f"/cases/board/?procedure={RECTIFY}")],
    "cases:start": [
        Cost(OFFICER, "/cases/start/{village}/"),
        Cost("secretary", f"/cases/start/{{village}}/?procedure={RECTIFY}"),
    ],
    "cases:detail": [
        Cost("secretary", "/cases/{case}/", 15, STORY),
        Cost(OFFICER, "/cases/{case}/", 15, STORY),
        Cost("secretary", "/cases/{room}/", 30, TURNS),
        Cost("secretary", "/cases/{reading}/", 15, STORY),
    ],
    "cases:excuse": [Cost("secretary", "/cases/{reading}/turns/{read}/excuse/")],
    "cases:release": [Cost("secretary", "/cases/{room}/turns/{look}/release/")],
    "cases:post": [Cost("secretary", "/cases/{room}/turns/{hung}/post/")],
    "cases:object_to": [Cost("secretary", "/cases/{room}/postings/{posting}/object/")],
    "cases:answer": [Cost("secretary", "/cases/{room}/objections/{objection}/answer/")],
    "cases:link": [Cost("secretary", "/cases/{room}/link/")],
    "cases:void": [Cost(OFFICER, "/cases/{struck}/void/")],
    "cases:reword": [Cost(OFFICER, "/cases/{room}/reword/")],
    "cases:extend": [Cost(OFFICER, "/cases/{case}/turns/{turn}/extend/")],
    "cases:name_owner": [Cost("secretary", "/cases/{case}/owner/")],
    "cases:cancel": [Cost("secretary", "/cases/{case}/cancel/")],
    "cases:reopen": [Cost(OFFICER, "/cases/{struck}/reopen/")],
    "registers:list": [
        Cost("secretary", "/registers/"),
        Cost(COUNTY, "/registers/?organization={county}"),
        Cost(COUNTY, "/registers/?export=1"),
    ],
    "registers:register": [
        Cost("secretary", f"{BOOKS}correspondents/", 20, BOOK),
        Cost(COUNTY, f"{BOOKS}venues/", 22, BOOK),
        Cost(COUNTY, f"{BOOKS}venues/?view=all&q=1&counted=built&on=2026-09-01", 22, BOOK),
        Cost(COUNTY, f"{BOOKS}venues/?export=1"),
    ],
    "registers:gaps": [
        Cost(COUNTY, f"{BOOKS}venues/gaps/", 16, LACKING),
        Cost(COUNTY, f"{BOOKS}venues/gaps/?export=1", 16, LACKING),
    ],
    "registers:open": [Cost("secretary", f"{BOOKS}correspondents/open/{{village}}/")],
    "registers:bring_in": [
        Cost("secretary", f"{BOOKS}correspondents/import/{{village}}/"),
        Cost(COUNTY, f"{BOOKS}venues/import/{{county}}/?blank=1"),
    ],
    "registers:row": [Cost("secretary", "/registers/rows/{row}/")],
    "registers:correct": [Cost("secretary", "/registers/rows/{row}/correct/")],
    "registers:close": [Cost("secretary", "/registers/rows/{row}/close/")],
    "registers:void": [Cost("secretary", "/registers/rows/{row}/void/")],
    "pairings:list": [
        Cost("secretary", "/pairings/", 16, LINKED),
        Cost(
            COUNTY,
            f"/pairings/?organization={{county}}&kind={HOUSEHOLDS}&view=overdue&q=家",
            20,
            LINKED,
        ),
        Cost(COUNTY, "/pairings/?organization={county}&export=1", 16, LINKED),
    ],
    "pairings:gaps": [
        Cost("secretary", f"{PAIRS}gaps/", 16, LACKING),
        Cost("secretary", f"{PAIRS}gaps/?export=1", 16, LACKING),
    ],
    "pairings:registered": [
        Cost("secretary", "/pairings/registered/"),
        Cost(COUNTY, "/pairings/registered/?organization={county}&year=2026"),
        Cost(COUNTY, "/pairings/registered/?export=1"),
    ],
    "pairings:begin": [Cost("secretary", f"{PAIRS}begin/{{village}}/", 14, CHOSEN)],
    "pairings:link": [
        Cost("secretary", "/pairings/links/{link}/"),
        Cost("member", "/pairings/links/{link}/"),
    ],
    "pairings:contact": [Cost("member", "/pairings/links/{link}/contact/")],
    "pairings:end": [Cost("secretary", "/pairings/links/{link}/end/")],
    "pairings:void": [Cost("secretary", "/pairings/links/{link}/void/")],
    "pairings:strike": [Cost("member", "/pairings/contacts/{contact}/strike/")],
    "pairings:become": [Cost("secretary", "/pairings/contacts/{contact}/become/")],
    "pairings:rotas": [Cost("secretary", "/pairings/rotas/"), Cost("member", "/pairings/rotas/")],
    "pairings:draw": [Cost("secretary", f"{ROTA}draw/{{village}}/", 14, CHOSEN)],
    "pairings:rota": [
        Cost("secretary", "/pairings/rotas/{rota}/"),
        Cost("member", "/pairings/rotas/{rota}/?on=2026-11-25"),
        Cost("member", "/pairings/rotas/{rota}/?export=1"),
    ],
    "pairings:cancel": [Cost("secretary", "/pairings/rotas/{rota}/cancel/")],
    "pairings:offer": [Cost("member", "/pairings/turns/{my_turn}/offer/")],
    "pairings:change": [Cost("secretary", "/pairings/turns/{my_turn}/change/")],
    "burden:list": [
        Cost("secretary", "/burden/", 16, CAPPED),
        Cost(COUNTY, "/burden/?organization={county}", 16, CAPPED),
        Cost(COUNTY, "/burden/?organization={county}&export=1", 16, CAPPED),
    ],
    "burden:cap": [
        Cost(COUNTY, f"{CAP}?organization={{county}}", 14, CAPPED),
        Cost(COUNTY, f"{CAP}?organization={{county}}&export=1", 14, CAPPED),
    ],
    "burden:rows": [
        Cost(COUNTY, f"{CAP}rows/?organization={{village}}"),
        Cost(COUNTY, f"{CAP}rows/?organization={{village}}&export=1"),
    ],
    "publishing:list": [
        Cost(COUNTY, "/publishing/?view=all"),
        Cost("member", "/publishing/"),
        Cost(COUNTY, "/publishing/?view=all&export=1"),
    ],
    "publishing:due": [Cost("secretary", "/publishing/due/")],
    "publishing:from_record": [
        Cost("secretary", "/publishing/from-record/?source=money&record={book}"),
        Cost("secretary", "/publishing/from-record/?source=cases&record={case}", 15, UNDER),
    ],
    "publishing:propose": [
        Cost("secretary", f"/publishing/propose/{{village}}/?topic={TOPIC}"),
        Cost("secretary", f"/publishing/propose/{{village}}/?topic={TOPIC}&record=none"),
    ],
    "publishing:detail": [
        Cost("secretary", "/publishing/{public}/"),
        Cost("secretary", "/publishing/{newest}/"),
        Cost("secretary", "/publishing/{proposed}/"),
        Cost("member", "/publishing/{posted_rule}/"),
    ],
    "publishing:withdraw": [Cost("secretary", "/publishing/{public}/withdraw/")],
    "publishing:post": [Cost("secretary", "/publishing/{public}/post/")],
    "publishing:end_posting": [Cost("secretary", "/publishing/{public}/postings/{notice}/end/")],
    "publishing:receipts": [
        Cost("secretary", "/publishing/{posted_rule}/receipts/"),
        Cost("secretary", "/publishing/{posted_rule}/receipts/?export=1"),
    ],
    "publishing:word": [Cost("secretary", "/publishing/{public}/word/")],
    "publishing:voices": [Cost("secretary", "/publishing/voices/")],
    "publishing:voice": [Cost("secretary", "/publishing/voices/{voice}/")],
    "portal:doors": [Cost("signed out", "/open/{village}/ask/")],
    "portal:ask": [Cost("signed out", "/open/{village}/ask/seeds/requests/request/")],
    "portal:track": [Cost("signed out", "/open/track/")],
    "requests:list": [
        Cost("secretary", "/requests/", 15, TAKING),
        Cost(COUNTY, "/requests/?view=all", 15, TAKING),
        Cost(COUNTY, "/requests/?view=all&export=1"),
    ],
    "requests:take": [Cost("secretary", "/requests/take/{village}/")],
    "requests:take_down": [Cost("secretary", "/requests/take/{village}/seeds/requests/request/")],
    "requests:look": [Cost("secretary", "/requests/{ticket}/look/phone/")],
    "cases:procedure": [Cost(COUNTY, f"/cases/diagram/?procedure={RECTIFY}")],
    "cases:procedure_picture": [Cost(COUNTY, f"/cases/diagram/picture.svg?procedure={RECTIFY}")],
    "cases:diagram": [Cost("secretary", "/cases/{case}/diagram/")],
    "cases:picture": [Cost("secretary", "/cases/{case}/diagram/picture.svg")],
    "cases:many": [
        Cost(COUNTY, "/cases/many/"),
        Cost(COUNTY, f"/cases/many/?procedure={RECTIFY}&stage=doing&outcome=escalate"),
    ],
    "cases:papers": [
        Cost("secretary", "/cases/papers/"),
        Cost(COUNTY, "/cases/papers/?q=通知&register=notices&year=2026&stands=valid"),
        Cost(COUNTY, "/cases/papers/?export=1"),
    ],
    "cases:paper_file": [Cost("secretary", "/cases/papers/{letter}/word/")],
    "cases:annul": [Cost("secretary", "/cases/papers/{letter}/annul/")],
    "cases:commons": [Cost(COUNTY, "/cases/common/"), Cost(COUNTY, "/cases/common/?export=1")],
    "cases:gather": [
        Cost(
            COUNTY,
            "/cases/common/start/{county}/",
            14,
            "what is in force there, whom one may choose, and what may be gathered",
        ),
    ],
    "cases:gather_more": [Cost(COUNTY, "/cases/{common}/gather/")],
    "cases:begin_many": [
        Cost(COUNTY, "/cases/start/{village}/many/"),
        Cost(COUNTY, f"/cases/start/{{village}}/many/?procedure={RECTIFY}"),
    ],
    "cases:coverage": [
        Cost(COUNTY, "/cases/coverage/?of=seeds/commitments:member:members"),
        Cost(COUNTY, "/cases/coverage/?of=seeds/commitments:organization:published"),
        Cost(COUNTY, "/cases/coverage/?of=seeds/commitments:member:members&which=missing"),
    ],
    "cases:progress": [
        Cost(COUNTY, f"/cases/progress/?procedure={RECTIFY}"),
        Cost(COUNTY, f"/cases/progress/?procedure={RECTIFY}&word=1"),
        Cost(COUNTY, f"/cases/progress/?procedure={RECTIFY}&which=open"),
    ],
    "cases:lists": [
        Cost(COUNTY, f"/cases/lists/?procedure={RECTIFY}"),
        Cost(COUNTY, f"/cases/lists/?procedure={RECTIFY}&list=people"),
        Cost(
            COUNTY,
            f"/cases/lists/?procedure={RECTIFY}&list=ledger",
            13,
            "turns, days put off and notices of a page of cases",
        ),
        Cost(
            COUNTY,
            f"/cases/lists/?procedure={RECTIFY}&export=1",
            14,
            "all four lists, with turns, days put off and notices",
        ),
    ],
    "campaigns:list": [
        Cost("secretary", "/campaigns/"),
        Cost("member", "/campaigns/?state=open"),
        Cost(COUNTY, "/campaigns/?export=1"),
    ],
    "campaigns:launch": [
        Cost(OFFICER, "/campaigns/launch/{general}/"),
        Cost(OFFICER, f"/campaigns/launch/{{general}}/?campaign={DRIVE}"),
    ],
    "campaigns:detail": [
        Cost("secretary", "/campaigns/{drive}/", 15, GRID),
        Cost(OFFICER, "/campaigns/{drive}/?phase=all&q=村", 16, GRID),
        Cost(OFFICER, "/campaigns/{drive}/?phase=study&state=lacking", 17, GRID),
        Cost(COUNTY, "/campaigns/{drive}/?export=1&phase=all"),
    ],
    "campaigns:progress": [
        Cost("member", "/campaigns/{drive}/progress/", 13, GRID),
        Cost(COUNTY, "/campaigns/{drive}/progress/?export=1"),
    ],
    "campaigns:make_ups": [
        Cost(OFFICER, "/campaigns/{drive}/make-ups/", 17, GRID),
        Cost(COUNTY, "/campaigns/{drive}/make-ups/?export=1", 15, GRID),
    ],
    "campaigns:enter_many": [Cost(OFFICER, "/campaigns/{begun}/enter/checked/", 13, GRID)],
    "campaigns:open_phase": [Cost(OFFICER, "/campaigns/{drive}/spans/{gate}/open/", 14, GRID)],
    "campaigns:add_unit": [Cost(OFFICER, "/campaigns/{over}/units/add/")],
    "campaigns:stand_down": [Cost(OFFICER, "/campaigns/{over}/staff/{staff}/end/")],
    "campaigns:end": [Cost(OFFICER, "/campaigns/{over}/end/")],
    "campaigns:cancel": [Cost(OFFICER, "/campaigns/{drive}/cancel/")],
    "campaigns:unit": [
        Cost("secretary", "/campaigns/units/{unit}/?phase=study", 15, GRID),
        Cost("member", "/campaigns/units/{unit}/?phase=own"),
    ],
    "campaigns:enter": [Cost("secretary", "/campaigns/units/{unit}/enter/letter/", 14, GRID)],
    "campaigns:open_own": [
        Cost("secretary", "/campaigns/units/{unit}/spans/{own_gate}/open/", 14, GRID)
    ],
    "campaigns:remove_unit": [Cost(OFFICER, "/campaigns/units/{other_unit}/remove/")],
    "campaigns:void": [Cost("secretary", "/campaigns/entries/{confirmed_item}/void/")],
    "duties:exempt": [Cost(OFFICER, "/duties/{obligation}/exempt/")],
    "duties:explain": [Cost("secretary", "/duties/{obligation}/explain/")],
    "duties:talks": [
        Cost("secretary", "/duties/talks/", 15, TALKS),
        Cost("committee member", "/duties/talks/", 15, TALKS),
        Cost("member", "/duties/talks/"),
    ],
    "duties:record_talk": [Cost("secretary", "/duties/talks/new/")],
    "insight:obligation": [Cost("secretary", "/insight/obligations/{obligation}/")],
    "insight:column": [
        Cost(COUNTY, "/insight/column/?{column}"),
        Cost(COUNTY, "/insight/column/?{column}&export=1"),
    ],
    "insight:exempt_many": [Cost(COUNTY, "/insight/column/exempt/?{column}")],
    "insight:table": [
        Cost("secretary", "/insight/", 13, FOLDED),
        Cost(COUNTY, "/insight/?subject=members&row=place&column=state"),
        Cost(COUNTY, "/insight/?subject=duties&row=field&column=year"),
        Cost(COUNTY, "/insight/?subject=activities&export=1"),
    ],
    "insight:chart": [Cost(COUNTY, "/insight/chart.svg?subject=duties&row=month&column=none")],
    "insight:report_chart": [Cost(COUNTY, "/insight/reports/{report}/chart.svg")],
    "insight:rows": [
        Cost(COUNTY, f"{ROWS}duties&row=place&column=month", 13, ROWS_OF),
        Cost(COUNTY, f"{ROWS}members&row=state&in_row=full"),
        Cost(COUNTY, f"{ROWS}activities&export=1"),
        Cost(COUNTY, f"{ROWS}organizations"),
    ],
    "insight:fields": [Cost(COUNTY, "/insight/fields/")],
    "insight:checks": [Cost(COUNTY, "/insight/checks/", 24, CHECKS)],
    "insight:whole": [Cost(COUNTY, "/insight/whole/?organization={county}")],
    "insight:pool": [Cost(COUNTY, "/insight/pool/", 15, BESIDE)],
    "insight:plan": [Cost(COUNTY, "/insight/pool/{county}/plan/")],
    "insight:measures": [
        Cost("secretary", "/insight/measures/", 23, OFFERED),
        Cost(COUNTY, "/insight/measures/", 20, OFFERED),
    ],
    "insight:measure": [
        Cost(COUNTY, "/insight/measures/duties.done_of_owed/"),
        Cost(COUNTY, "/insight/measures/people.members/?export=1"),
    ],
    "insight:reports": [Cost(COUNTY, "/insight/reports/")],
    "insight:report": [
        Cost(COUNTY, "/insight/reports/{report}/"),
        Cost("secretary", "/insight/reports/{report}/?export=1"),
    ],
    "insight:freeze": [Cost(COUNTY, "/insight/reports/freeze/")],
    "adoptions:in_force": [Cost("secretary", "/rules/"), Cost(COUNTY, "/rules/")],
    "adoptions:export": [Cost("secretary", "/rules/export/")],
    "adoptions:packs": [Cost("secretary", "/rules/packs/"), Cost(SYSTEM, "/rules/packs/")],
    "adoptions:pack": [Cost("secretary", PACK)],
    "adoptions:item": [
        Cost("secretary", f"{PACK}duties/general-meeting/"),
        Cost("secretary", f"{PACK}duties/general-meeting/?organization={{village}}"),
    ],
    "adoptions:detail": [Cost(COUNTY, "/rules/adoptions/{adoption}/")],
    "adoptions:withdraw": [Cost(COUNTY, "/rules/adoptions/{theme_adoption}/withdraw/")],
    "adoptions:adopt": [Cost(COUNTY, "/rules/adopt/")],
    "money:list": [
        Cost("secretary", "/money/", 13, SUMS),
        Cost(OFFICER, "/money/?organization={village}", 14, SUMS),
    ],
    "money:rollup": [Cost("secretary", "/money/sums/"), Cost(OFFICER, "/money/sums/?export=1")],
    "money:book": [
        Cost("secretary", "/money/{book}/", 18, SUMS),
        Cost(OFFICER, "/money/{book}/?export=1", 15, SUMS),
    ],
    "money:claims": [Cost("secretary", "/money/{book}/list/")],
    "money:receive": [Cost("secretary", "/money/{book}/receive/")],
    "money:pledge": [Cost("secretary", "/money/{book}/pledge/")],
    "money:labour": [Cost("secretary", "/money/{book}/labour/")],
    "money:settle": [Cost("secretary", "/money/{book}/settle/")],
    "money:claim": [Cost("secretary", "/money/{book}/claim/")],
    "money:withdraw": [Cost("secretary", "/money/claims/{claim}/withdraw/")],
    "money:reverse": [Cost("secretary", "/money/entries/{posted}/reverse/")],
    "money:reverse_quantity": [Cost("secretary", "/money/quantities/{work}/reverse/")],
    "imports:list": [Cost(COUNTY, "/imports/")],
    "imports:upload": [Cost(COUNTY, "/imports/new/")],
    "imports:blank": [Cost(COUNTY, "/imports/blank/")],
    "imports:detail": [Cost(COUNTY, "/imports/{checked}/")],
    "imports:faults": [Cost(COUNTY, "/imports/{checked}/faults/?kind=errors&code=unknown_sex")],
    "imports:rest": [Cost(COUNTY, "/imports/{checked}/rest/")],
    "imports:undo": [Cost(COUNTY, "/imports/{imported}/undo/")],
    "files:download": [Cost("secretary", "/files/{attachment}/")],
    "portal:home": [Cost("signed out", "/open/"), Cost("secretary", "/open/")],
    "portal:organization": [
        Cost("signed out", "/open/{county}/"),
        Cost("signed out", "/open/{village}/"),
    ],
    "portal:notices": [
        Cost("signed out", "/open/{village}/notices/"),
        Cost("signed out", "/open/{village}/notices/?past=1"),
        Cost("signed out", "/open/{county}/notices/?like={open_notice}"),
    ],
    "portal:promises": [Cost("signed out", "/open/{village}/promises/")],
    "portal:decisions": [Cost("signed out", "/open/{village}/decisions/")],
    "portal:publication": [Cost("signed out", "/open/publication/{open_notice}/")],
    "portal:raise_voice": [Cost("signed out", "/open/publication/{open_notice}/ask/")],
    "portal:follow_voice": [Cost("signed out", "/open/answer/")],
    "portal:find": [Cost("signed out", "/open/find/?q=活动室")],
    "portal:privacy": [Cost("signed out", "/open/privacy/")],
    "portal:feedback": [Cost("signed out", "/open/feedback/?page=/open/")],
    "notices:list": [Cost("secretary", "/notices/")],
    "notices:settings": [Cost("committee member", "/notices/settings/")],
    "notices:confirm": [Cost("committee member", "/notices/settings/confirm/")],
    "notices:deliveries": [
        Cost(SYSTEM, "/notices/outside/"),
        Cost(SYSTEM, "/notices/outside/?view=all&export=1"),
    ],
    "notices:webhook_new": [Cost(SYSTEM, "/notices/webhooks/new/")],
    "notices:webhook": [Cost(SYSTEM, "/notices/webhooks/{webhook}/")],
    "notices:feedback": [Cost("secretary", "/notices/feedback/?page=/workbench/")],
    "notices:feedback_list": [Cost(SYSTEM, "/notices/feedback/all/")],
    "notices:feedback_detail": [Cost(SYSTEM, "/notices/feedback/{feedback}/")],
}

NO_COST = {
    "cases:start_here": "leads on to the organisation whose hat one wears",
    "cases:act": "a verb, POST only",
    "publishing:check": "a verb, POST only",
    "publishing:approve": "a verb, POST only",
    "publishing:publish": "a verb, POST only",
    "publishing:return": "a verb, POST only",
    "publishing:read": "a verb, POST only",
    "cases:claim": "a verb, POST only",
    "portal:leave": "a verb, POST only",
    "portal:receipt": "a code from a cookie: no query, without one it leads on",
    "portal:mine": "behind a code; its queries are counted in tests/portal",
    "publishing:look_again": "a verb, POST only",
    "pairings:withdraw": "a verb, POST only",
    "pairings:take": "a verb, POST only",
    "pairings:note": "a verb, POST only",
    "cases:gather_here": "leads on to the organisation whose hat one wears",
    "campaigns:launch_here": "leads on to the organisation whose hat one wears",
    "desk:home": "leads on to the first screen of the hat",
    "tokens:revoke": "a verb, POST only",
    "desk:open_feed": "a verb, POST only",
    "desk:revoke_feed": "a verb, POST only",
    "desk:confirm_proposal": "a verb, POST only",
    "desk:refuse_proposal": "a verb, POST only",
    "accounts:save_filter": "a verb, POST only",
    "accounts:delete_filter": "a verb, POST only",
    "core:live": "asked by machines, lists nothing",
    "core:ready": "asked by machines, lists nothing",
    "core:large_print": "a switch",
    "core:wear_hat": "a switch",
    "accounts:sign_out": "a verb, POST only",
    "organizations:mine": "leads on to one's own organisation",
    "people:stop_account": "a verb, POST only",
    "people:own_consent": "a verb, POST only",
    "people:take_back": "a verb, POST only",
    "people:tell_apart": "a verb, POST only",
    "people:handover_sign": "a verb, POST only",
    "people:handover_finish": "a verb, POST only",
    "people:handover_cancel": "a verb, POST only",
    "activities:receive": "a verb, POST only",
    "activities:attach": "a verb, POST only",
    "activities:confirm": "a verb, POST only",
    "activities:file_theme": "a verb, POST only",
    "assignments:complete": "a verb, POST only",
    "assignments:take": "a verb, POST only",
    "assignments:take_many": "a verb, POST only",
    "assignments:send_back": "a verb, POST only",
    "assignments:remind": "a verb, POST only",
    "insight:count": "a verb, POST only",
    "insight:fields_chart": "the picture of insight:fields, counted in the same two queries",
    "duties:withdraw_exemption": "a verb, POST only",
    "duties:confirm_talk": "a verb, POST only",
    "duties:withdraw_talk": "a verb, POST only",
    "imports:apply": "a verb, POST only",
    "imports:discard": "a verb, POST only",
    "files:remove": "a verb, POST only",
    "notices:open": "a verb, POST only",
    "notices:send_again": "a verb, POST only",
    "notices:send_all_again": "a verb, POST only",
    "notices:webhook_secret": "a verb, POST only",
    "notices:webhook_try": "a verb, POST only",
    "notices:read_all": "a verb, POST only",
}
