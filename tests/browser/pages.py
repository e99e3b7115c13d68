"""Every address, and as whom it is looked at: a new one without a line here fails.

Paths are filled from the seed's facts. ``then`` names steps that bring the page into
another state: a swap, errors, an open dialog; each state is looked at as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page, expect

RECTIFY = "seeds/rectification:rectify"
DRIVE = "demo/drive:drive"
PAIR = "seeds/link-roster:households"
PAIRS = "/pairings/seeds/link-roster/households/"
ROTA = "/pairings/seeds/estate-rota/duty/"
BOOKS = "/registers/seeds/county-registers/"
TOPIC = "national/open-affairs:grassroots/own-building"


@dataclass(frozen=True)
class Visit:
    """A page as somebody sees it; ``role`` is "" signed out."""

    role: str
    path: str
    then: tuple[str, ...] = ()
    status: int = 200

    def __str__(self) -> str:
        return f"{self.role or 'nobody'} {self.path}"


def visit(role: str, path: str, *then: str, status: int = 200) -> Visit:
    return Visit(role, path, then, status)


RECORD = "/activities/record/"
PEOPLE, UNITS = "/people", "/organizations"
ADMINS = ("system-admin", "security-admin", "audit-admin")

VISITS: dict[str, list[Visit]] = {
    "desk:today": [visit("member", "/today/"), visit("secretary", "/today/")],
    "desk:workbench": [
        visit("secretary", "/workbench/", "unfold"),
        visit("leader", "/workbench/"),
        visit("big", "/workbench/"),
        visit("themed", "/workbench/"),
    ],
    "desk:calendar": [
        visit("member", "/calendar/"),
        visit("secretary", "/calendar/?organization={branch}"),
        visit("township", "/calendar/?month=2026-12"),
    ],
    "desk:proposals": [
        visit("system-admin", "/admin/packs/", "errors"),
        visit("security-admin", "/admin/packs/"),
    ],
    "desk:proposal": [
        visit("system-admin", "/admin/packs/{proposal}/"),
        visit("security-admin", "/admin/packs/{proposal}/"),
    ],
    "desk:overview": [
        visit("township", "/overview/"),
        visit("county", "/overview/?window=year"),
        visit("county", "/overview/?organization={other}"),
        visit("township", "/overview/?field=school"),
    ],
    "desk:help": [
        visit("member", "/help/"),
        visit("secretary", "/help/"),
        visit("audit-admin", "/help/"),
    ],
    "desk:chapter": [
        visit("member", f"/help/{name}/")
        for name in ("member", "secretary", "township", "county", "administrators")
    ],
    "desk:search": [
        visit("secretary", "/search/"),
        visit("township", "/search/?q=村"),
        visit("member", "/search/?q=没有这个词"),
        visit("county", "/search/?number=1"),
    ],
    "desk:ledger": [
        visit("secretary", "/ledger/"),
        visit("township", "/ledger/?below=1"),
        visit("audit-admin", "/ledger/"),
        visit("township", "/ledger/?organization={empty}"),
    ],
    "ledger:heads": [visit("", "/proofs/")],
    "ledger:proof": [visit("", "{proof}")],
    "desk:admin": [visit(role, "/admin/") for role in ADMINS],
    "core:more": [
        visit("member", "/more/"),
        visit("secretary", "/more/"),
        visit("township", "/more/", "unfold"),
        visit("system-admin", "/more/"),
    ],
    "core:gallery": [visit("member", "/gallery/")],
    "accounts:sign_in": [visit("", "/accounts/sign-in/", "unfold", "errors")],
    "accounts:activate": [visit("", "/accounts/activate/", "errors")],
    "accounts:change_password": [visit("member", "/accounts/password/", "errors")],
    "accounts:filters": [
        visit("secretary", "/accounts/filters/"),
        visit("member", "/accounts/filters/"),
    ],
    "accounts:rename_filter": [visit("secretary", "/accounts/filters/{filter}/", "errors")],
    "tokens:list": [
        visit("secretary", "/accounts/tokens/"),
        visit("member", "/accounts/tokens/"),
    ],
    "tokens:make": [visit("secretary", "/accounts/tokens/new/", "errors")],
    "accounts:roles": [visit("member", "/accounts/roles/"), visit("", "/nowhere/", status=404)],
    "organizations:list": [
        visit("township", f"{UNITS}/"),
        visit("county", f"{UNITS}/?q=没有这个"),
        visit("county", f"{UNITS}/?on=2026-08-01"),
    ],
    "organizations:detail": [
        visit("secretary", f"{UNITS}/{{branch}}/", "unfold"),
        visit("township", f"{UNITS}/{{branch}}/", "unfold"),
        visit("township", f"{UNITS}/{{big}}/"),
        visit("township", f"{UNITS}/{{empty}}/"),
        visit("township", f"{UNITS}/{{merged}}/"),
        visit("township", f"{UNITS}/{{meeting}}/"),
        visit("township", f"{UNITS}/{{branch}}/?on=2026-08-01"),
        visit("county", f"{UNITS}/{{county}}/"),
    ],
    "organizations:history": [
        visit("township", f"{UNITS}/{{branch}}/history/"),
        visit("township", f"{UNITS}/{{merged}}/history/"),
    ],
    "organizations:terms": [
        visit("township", f"{UNITS}/terms/?due=all"),
        visit("county", f"{UNITS}/terms/?due=3&field=school"),
        visit("county", f"{UNITS}/terms/?due=all&on=2026-08-01"),
    ],
    "organizations:merge": [
        visit("township", f"{UNITS}/{{empty}}/merge/", "preview merger"),
        visit("township", f"{UNITS}/{{empty}}/merge/", "errors"),
    ],
    "organizations:split": [
        visit("township", f"{UNITS}/{{branch}}/split/", "where to"),
        visit("township", f"{UNITS}/{{branch}}/split/", "errors"),
    ],
    "organizations:plan": [
        visit("township", f"{UNITS}/{{town}}/plan/", "preview plan"),
        visit("township", f"{UNITS}/{{town}}/plan/", "faults"),
    ],
    "organizations:guide": [visit("township", f"{UNITS}/{{branch}}/guide/", "errors")],
    "organizations:end_guidance": [
        visit("township", f"{UNITS}/guidances/{{guidance}}/end/", "errors")
    ],
    "organizations:rotate": [visit("township", f"{UNITS}/{{meeting}}/turns/", "errors")],
    "organizations:found": [visit("township", f"{UNITS}/{{town}}/found/", "errors")],
    "organizations:rename": [visit("township", f"{UNITS}/{{branch}}/rename/", "errors")],
    "organizations:change": [visit("township", f"{UNITS}/{{branch}}/change/")],
    "organizations:move": [visit("county", f"{UNITS}/{{branch}}/move/", "errors")],
    "organizations:dissolve": [visit("township", f"{UNITS}/{{empty}}/dissolve/", "errors")],
    "organizations:begin_term": [visit("township", f"{UNITS}/{{big}}/term/", "errors")],
    "organizations:form_group": [visit("secretary", f"{UNITS}/{{branch}}/groups/", "errors")],
    "organizations:close_group": [visit("secretary", f"{UNITS}/groups/{{group}}/close/")],
    "organizations:make_post": [visit("township", f"{UNITS}/{{branch}}/posts/", "errors")],
    "people:list": [
        visit("secretary", f"{PEOPLE}/", "search"),
        visit("township", f"{PEOPLE}/?at={{big}}"),
        visit("township", f"{PEOPLE}/?q=没有这个人"),
    ],
    "people:many": [
        visit("secretary", f"{PEOPLE}/many/host/", "errors"),
        visit("township", f"{PEOPLE}/many/place/?at={{branch}}", "preview move"),
        visit("secretary", f"{PEOPLE}/many/group/?at={{branch}}"),
        visit("township", f"{PEOPLE}/many/place/?q=没有这个人"),
    ],
    "people:me": [visit("member", f"{PEOPLE}/me/"), visit("system-admin", f"{PEOPLE}/me/")],
    "people:register": [visit("secretary", f"{PEOPLE}/register/{{branch}}/", "errors")],
    "people:detail": [
        visit("secretary", f"{PEOPLE}/{{person}}/", "reveal"),
        visit("township", f"{PEOPLE}/{{long_person}}/"),
        visit("county", f"{PEOPLE}/{{leader}}/"),
        visit("receiver", f"{PEOPLE}/{{guest}}/"),
    ],
    "people:change": [visit("secretary", f"{PEOPLE}/{{person}}/change/", "errors")],
    "people:set_membership": [visit("township", f"{PEOPLE}/{{person}}/membership/", "errors")],
    "people:place": [visit("township", f"{PEOPLE}/{{person}}/place/", "errors")],
    "people:join_group": [visit("secretary", f"{PEOPLE}/{{person}}/group/")],
    "people:reveal": [visit("secretary", f"{PEOPLE}/{{person}}/reveal/phone/", "errors")],
    "people:host": [visit("secretary", f"{PEOPLE}/{{person}}/host/", "errors")],
    "people:end_hosting": [visit("township", f"{PEOPLE}/{{guest}}/host/end/", "errors")],
    "people:groups_of": [
        visit("secretary", f"{PEOPLE}/{{grouped}}/groups/"),
        visit("member", f"{PEOPLE}/{{person}}/groups/"),
    ],
    "people:member_groups": [visit("secretary", f"{PEOPLE}/groups/")],
    "people:change_member_group": [
        visit("secretary", f"{PEOPLE}/groups/change/?group={{retired}}&age_from=50", "preview"),
        visit("township", f"{PEOPLE}/groups/change/?group={{retired}}&way=out"),
    ],
    "people:rights": [visit("member", f"{PEOPLE}/me/rights/", "unfold")],
    "people:ask_correction": [visit("member", f"{PEOPLE}/me/rights/correct/", "errors")],
    "people:corrections": [visit("secretary", f"{PEOPLE}/corrections/")],
    "people:correction": [
        visit("secretary", f"{PEOPLE}/corrections/{{asked}}/", "errors"),
        visit("member", f"{PEOPLE}/corrections/{{asked}}/"),
    ],
    "people:consents": [visit("secretary", f"{PEOPLE}/{{person}}/consents/", "errors")],
    "people:duplicates": [
        visit("township", f"{PEOPLE}/duplicates/"),
        visit("themed", f"{PEOPLE}/duplicates/?at={{themed}}"),
    ],
    "people:merge": [visit("receiver", f"{PEOPLE}/duplicates/{{one}}/{{twin}}/", "errors")],
    "people:hand_over": [visit("township", f"{PEOPLE}/holdings/{{holding}}/hand-over/", "errors")],
    "people:handovers": [visit("township", f"{PEOPLE}/handovers/")],
    "people:handover": [
        visit("township", f"{PEOPLE}/handovers/{{handover}}/"),
        visit("big", f"{PEOPLE}/handovers/{{handover}}/"),
    ],
    "people:account": [visit("secretary", f"{PEOPLE}/{{person}}/account/")],
    "people:appoint": [visit("township", f"{PEOPLE}/posts/{{post}}/appoint/", "errors")],
    "people:end_holding": [visit("township", f"{PEOPLE}/holdings/{{holding}}/end/")],
    "activities:list": [
        visit("member", "/activities/"),
        visit("township", "/activities/"),
        visit("secretary", "/activities/?since=2030-01-01", "unfold"),
        visit("system-admin", "/activities/"),
    ],
    "activities:record": [
        visit("secretary", RECORD, "change duty", "absent", "more", "errors"),
        visit("secretary", f"{RECORD}?obligation={{overdue}}"),
        visit("leader", RECORD),
        visit("themed", f"{RECORD}?what=kseeds/mingguang-theme-day:theme-day&theme=植树"),
        visit("big", f"{RECORD}?what=knational/branch-life:general-meeting"),
    ],
    "activities:record_planned": [visit("secretary", "/activities/{planned}/record/")],
    "activities:filings": [
        visit("receiver", "/activities/filings/"),
        visit("township", "/activities/filings/"),
    ],
    "activities:detail": [
        visit("secretary", "/activities/{activity}/", "unfold"),
        visit("committee", "/activities/{held}/"),
        visit("member", "/activities/{planned}/"),
        visit("secretary", "/activities/{cancelled}/"),
        visit("themed", "/activities/{filed}/"),
        visit("receiver", "/activities/{filed}/"),
    ],
    "activities:of_person": [
        visit("member", "/activities/of/{person}/"),
        visit("township", "/activities/of/{guest}/?year=2025"),
    ],
    "activities:correct": [visit("secretary", "/activities/{activity}/correct/", "errors")],
    "activities:cancel": [visit("secretary", "/activities/{planned}/cancel/", "errors")],
    "activities:void": [visit("secretary", "/activities/{activity}/void/", "errors")],
    "activities:leave": [
        visit("member", "/activities/{planned}/leave/"),
        visit("secretary", "/activities/{planned}/leave/"),
    ],
    "assignments:list": [
        visit("secretary", "/tasks/"),
        visit("big", "/tasks/"),
        visit("member", "/tasks/?mine=1"),
    ],
    "assignments:assign": [visit("secretary", "/tasks/new/", "errors")],
    "assignments:change": [visit("secretary", "/tasks/{task}/change/", "errors")],
    "assignments:change_many": [visit("secretary", "/tasks/many/", "preview days")],
    "assignments:detail": [
        visit("secretary", "/tasks/{task}/"),
        visit("member", "/tasks/{own_task}/"),
        visit("secretary", "/tasks/{handed}/"),
        visit("township", "/tasks/{given}/", "unfold"),
        visit("township", "/tasks/{sent_back}/"),
    ],
    "assignments:cancel": [visit("secretary", "/tasks/{task}/cancel/", "errors")],
    "assignments:name": [visit("secretary", "/tasks/{handed}/names/", "errors")],
    "assignments:answer": [
        visit("secretary", "/tasks/{handed}/answer/", "errors"),
        visit("township", "/tasks/{sent_back}/answer/"),
    ],
    "cases:list": [
        visit("secretary", "/cases/?view=all"),
        visit("township", "/cases/"),
        visit("member", "/cases/"),
    ],
    "campaigns:list": [visit("township", "/campaigns/"), visit("member", "/campaigns/")],
    "campaigns:launch": [
        visit("township", "/campaigns/launch/{town}/"),
        visit("township", f"/campaigns/launch/{{town}}/?campaign={DRIVE}", "errors"),
    ],
    "campaigns:detail": [
        visit("township", "/campaigns/{drive}/"),
        visit("township", "/campaigns/{drive}/?phase=all"),
        visit("secretary", "/campaigns/{drive}/?phase=study"),
        visit("township", "/campaigns/{over}/?state=complete"),
    ],
    "campaigns:progress": [visit("township", "/campaigns/{drive}/progress/")],
    "campaigns:make_ups": [
        visit("township", "/campaigns/{drive}/make-ups/"),
        visit("township", "/campaigns/{begun}/make-ups/?view=open"),
    ],
    "campaigns:enter_many": [visit("township", "/campaigns/{over}/enter/plan/", "errors")],
    "campaigns:open_phase": [visit("township", "/campaigns/{begun}/spans/{gate}/open/")],
    "campaigns:add_unit": [visit("township", "/campaigns/{over}/units/add/", "errors")],
    "campaigns:stand_down": [visit("township", "/campaigns/{over}/staff/{staff}/end/")],
    "campaigns:end": [visit("township", "/campaigns/{over}/end/")],
    "campaigns:cancel": [visit("township", "/campaigns/{drive}/cancel/", "errors")],
    "campaigns:unit": [
        visit("secretary", "/campaigns/units/{unit}/?phase=study"),
        visit("secretary", "/campaigns/units/{unit}/?phase=own"),
        visit("member", "/campaigns/units/{unit}/?phase=study"),
    ],
    "campaigns:enter": [visit("secretary", "/campaigns/units/{unit}/enter/letter/", "errors")],
    "campaigns:open_own": [visit("secretary", "/campaigns/units/{unit}/spans/{own_gate}/open/")],
    "campaigns:remove_unit": [visit("township", "/campaigns/units/{other_unit}/remove/", "errors")],
    "campaigns:void": [visit("secretary", "/campaigns/entries/{confirmed_item}/void/", "errors")],
    "cases:pool": [visit("secretary", "/cases/pool/"), visit("member", "/cases/pool/")],
    "cases:take_on": [visit("secretary", "/cases/pool/{pooled}/")],
    "cases:board": [visit("township", "/cases/board/")],
    "cases:start": [
        visit("township", "/cases/start/{big}/"),
        visit("township", f"/cases/start/{{big}}/?procedure={RECTIFY}", "errors"),
    ],
    "cases:detail": [
        visit("secretary", "/cases/{case_late}/"),
        visit("township", "/cases/{case_checked}/"),
        visit("township", "/cases/{case_struck}/"),
        visit("secretary", "/cases/{case_checked}/"),
        visit("township", "/cases/{case_common}/"),
        visit("township", "/cases/{case_new}/"),
        visit("township", "/cases/{case_later}/"),
        visit("secretary", "/cases/{admit_vote}/", "votes"),
        visit("secretary", "/cases/{admit_notice}/"),
        visit("township", "/cases/{admit_notice}/"),
        visit("themed", "/cases/{transfer}/"),
        visit("secretary", "/cases/{room}/"),
        visit("member", "/cases/{voted}/"),
        visit("secretary", "/cases/{quiet}/"),
        visit("member", "/cases/{reading}/"),
        visit("township", "/cases/{reading}/?turn={read}"),
    ],
    "cases:extend": [visit("township", "/cases/{case_late}/turns/{turn_late}/extend/", "errors")],
    "cases:name_owner": [visit("secretary", "/cases/{case_late}/owner/", "errors")],
    "cases:excuse": [visit("secretary", "/cases/{reading}/turns/{read}/excuse/", "errors")],
    "cases:release": [visit("secretary", "/cases/{room}/turns/{look}/release/", "errors")],
    "cases:post": [
        visit("secretary", "/cases/{admit_notice}/turns/{admit_notice_turn}/post/", "errors")
    ],
    "cases:object_to": [
        visit("secretary", "/cases/{admit_notice}/postings/{posting}/object/", "errors")
    ],
    "cases:answer": [
        visit("secretary", "/cases/{admit_notice}/objections/{objection}/answer/", "errors")
    ],
    "cases:link": [visit("secretary", "/cases/{room}/link/", "errors")],
    "publishing:list": [
        visit("secretary", "/publishing/?view=all"),
        visit("member", "/publishing/"),
    ],
    "publishing:due": [visit("secretary", "/publishing/due/")],
    "publishing:from_record": [
        visit("secretary", "/publishing/from-record/?source=cases&record={case_late}")
    ],
    "publishing:propose": [
        visit("secretary", f"/publishing/propose/{{branch}}/?topic={TOPIC}"),
        visit("secretary", f"/publishing/propose/{{branch}}/?topic={TOPIC}&record=none", "errors"),
    ],
    "publishing:detail": [
        visit("secretary", "/publishing/{public}/"),
        visit("secretary", "/publishing/{proposed}/"),
        visit("member", "/publishing/{posted_rule}/"),
    ],
    "publishing:withdraw": [visit("secretary", "/publishing/{public}/withdraw/", "errors")],
    "publishing:post": [visit("secretary", "/publishing/{public}/post/", "errors")],
    "publishing:end_posting": [
        visit("secretary", "/publishing/{public}/postings/{notice_posting}/end/", "errors")
    ],
    "publishing:receipts": [visit("secretary", "/publishing/{posted_rule}/receipts/")],
    "publishing:voices": [visit("secretary", "/publishing/voices/")],
    "publishing:voice": [visit("secretary", "/publishing/voices/{voice}/", "errors")],
    "pairings:list": [
        visit("secretary", "/pairings/"),
        visit("member", "/pairings/"),
        visit("township", f"/pairings/?view=overdue&kind={PAIR}"),
    ],
    "pairings:gaps": [visit("township", f"{PAIRS}gaps/")],
    "pairings:begin": [visit("secretary", f"{PAIRS}begin/{{branch}}/", "errors")],
    "pairings:link": [
        visit("member", "/pairings/links/{link}/"),
        visit("committee", "/pairings/links/{link}/"),
    ],
    "pairings:contact": [visit("member", "/pairings/links/{link}/contact/", "errors")],
    "pairings:end": [visit("secretary", "/pairings/links/{link}/end/", "errors")],
    "pairings:void": [visit("secretary", "/pairings/links/{link}/void/", "errors")],
    "pairings:strike": [visit("member", "/pairings/contacts/{contact}/strike/", "errors")],
    "pairings:become": [visit("secretary", "/pairings/contacts/{contact}/become/", "errors")],
    "pairings:registered": [visit("county", "/pairings/registered/")],
    "pairings:rotas": [visit("secretary", "/pairings/rotas/"), visit("member", "/pairings/rotas/")],
    "pairings:draw": [visit("secretary", f"{ROTA}draw/{{branch}}/", "errors")],
    "pairings:rota": [
        visit("member", "/pairings/rotas/{rota}/"),
        visit("secretary", "/pairings/rotas/{rota}/"),
    ],
    "pairings:cancel": [visit("secretary", "/pairings/rotas/{rota}/cancel/", "errors")],
    "pairings:offer": [visit("member", "/pairings/turns/{my_turn}/offer/")],
    "pairings:change": [visit("secretary", "/pairings/turns/{my_turn}/change/", "errors")],
    "burden:list": [visit("secretary", "/burden/"), visit("township", "/burden/")],
    "burden:cap": [visit("township", "/burden/seeds/meeting-gate/meetings/")],
    "burden:rows": [visit("secretary", "/burden/seeds/meeting-gate/meetings/rows/")],
    "portal:doors": [visit("", "/open/{branch}/ask/")],
    "portal:ask": [visit("", "/open/{branch}/ask/seeds/requests/request/", "errors")],
    "portal:receipt": [visit("", "/open/receipt/")],
    "portal:track": [visit("", "/open/track/", "errors")],
    "portal:mine": [visit("", "/open/track/mine/")],
    "requests:list": [visit("secretary", "/requests/"), visit("county", "/requests/?view=all")],
    "requests:take": [visit("secretary", "/requests/take/{branch}/")],
    "requests:take_down": [
        visit("secretary", "/requests/take/{branch}/seeds/requests/request/", "errors")
    ],
    "requests:look": [visit("secretary", "/requests/{ticket}/look/phone/", "errors")],
    "registers:list": [
        visit("secretary", "/registers/"),
        visit("member", "/registers/"),
        visit("township", "/registers/?organization={branch}"),
    ],
    "registers:register": [
        visit("secretary", "/registers/seeds/village-contracts/contracts/"),
        visit("township", f"{BOOKS}venues/"),
        visit("township", f"{BOOKS}venues/?view=over&counted=building&q=没有的"),
        visit("member", f"{BOOKS}correspondents/"),
    ],
    "registers:gaps": [visit("township", f"{BOOKS}venues/gaps/")],
    "registers:open": [
        visit("secretary", f"{BOOKS}correspondents/open/{{branch}}/", "errors"),
        visit("secretary", "/registers/seeds/village-contracts/contracts/open/{branch}/"),
    ],
    "registers:bring_in": [
        visit(
            "secretary", "/registers/seeds/village-contracts/contracts/import/{branch}/", "errors"
        ),
        visit("township", f"{BOOKS}venues/import/{{town}}/"),
    ],
    "registers:row": [
        visit("secretary", "/registers/rows/{contract}/"),
        visit("committee", "/registers/rows/{contract}/"),
        visit("township", "/registers/rows/{old_venue}/"),
    ],
    "registers:correct": [visit("secretary", "/registers/rows/{contract}/correct/", "errors")],
    "registers:close": [visit("secretary", "/registers/rows/{contract}/close/", "errors")],
    "registers:void": [visit("secretary", "/registers/rows/{contract}/void/", "errors")],
    "cases:void": [visit("township", "/cases/{case_struck}/void/", "errors")],
    "cases:reword": [visit("township", "/cases/{admit_older}/reword/")],
    "cases:cancel": [visit("secretary", "/cases/{case_late}/cancel/", "errors")],
    "cases:reopen": [visit("township", "/cases/{case_struck}/reopen/", "errors")],
    "cases:procedure": [visit("township", f"/cases/diagram/?procedure={RECTIFY}")],
    "cases:diagram": [visit("secretary", "/cases/{case_late}/diagram/")],
    "cases:many": [
        visit("township", "/cases/many/"),
        visit("township", f"/cases/many/?procedure={RECTIFY}&stage=check", "preview check"),
    ],
    "cases:papers": [
        visit("secretary", "/cases/papers/"),
        visit("township", "/cases/papers/?q=没有"),
    ],
    "cases:annul": [visit("secretary", "/cases/papers/{letter}/annul/", "errors")],
    "cases:commons": [visit("township", "/cases/common/"), visit("member", "/cases/common/")],
    "cases:gather": [
        visit("township", "/cases/common/start/{town}/", "errors"),
        visit("township", "/cases/common/start/{town}/?q=没有的"),
    ],
    "cases:gather_more": [visit("township", "/cases/{case_common}/gather/", "errors")],
    "cases:begin_many": [
        visit("township", "/cases/start/{big}/many/"),
        visit("township", f"/cases/start/{{big}}/many/?procedure={RECTIFY}", "errors"),
    ],
    "cases:coverage": [
        visit("township", "/cases/coverage/?of=seeds/commitments:member:members"),
        visit("township", "/cases/coverage/?of=seeds/commitments:organization:television"),
        visit("township", "/cases/coverage/?of=seeds/commitments:member:members&which=missing"),
    ],
    "cases:progress": [
        visit("township", f"/cases/progress/?procedure={RECTIFY}"),
        visit("township", f"/cases/progress/?procedure={RECTIFY}&which=open"),
        visit("secretary", f"/cases/progress/?procedure={RECTIFY}&which=done&on=2026-01-01"),
    ],
    "cases:lists": [
        visit("township", f"/cases/lists/?procedure={RECTIFY}"),
        visit("township", f"/cases/lists/?procedure={RECTIFY}&list=tasks"),
        visit("township", f"/cases/lists/?procedure={RECTIFY}&list=people"),
        visit("township", f"/cases/lists/?procedure={RECTIFY}&list=ledger"),
    ],
    "assignments:commissions": [
        visit("township", "/tasks/commissions/"),
        visit("receiver", "/tasks/commissions/"),
    ],
    "assignments:issue": [visit("township", "/tasks/commissions/new/", "unfold", "cost")],
    "assignments:commission": [visit("township", "/tasks/commissions/{commission}/")],
    "assignments:withdraw": [
        visit("township", "/tasks/commissions/{commission}/withdraw/", "errors"),
    ],
    "duties:exempt": [visit("township", "/duties/{overdue}/exempt/", "errors")],
    "duties:explain": [visit("secretary", "/duties/{overdue}/explain/", "errors")],
    "duties:talks": [visit("secretary", "/duties/talks/"), visit("member", "/duties/talks/")],
    "duties:record_talk": [visit("secretary", "/duties/talks/new/", "errors")],
    "insight:obligation": [
        visit("secretary", "/insight/obligations/{overdue}/"),
        visit("member", "/insight/obligations/{done}/"),
        visit("township", "/insight/obligations/{exempted}/"),
    ],
    "insight:column": [visit("township", "/insight/column/?{column}")],
    "insight:exempt_many": [
        visit("township", "/insight/column/exempt/?{column}", "preview reason"),
    ],
    "insight:table": [
        visit("secretary", "/insight/"),
        visit("township", "/insight/?subject=members&row=place&column=state"),
        visit("county", "/insight/?subject=duties&row=field&column=year"),
        visit("county", "/insight/?subject=activities&on=2001-01-01"),
    ],
    "insight:rows": [
        visit("township", "/insight/rows/?subject=duties&row=place&column=month"),
        visit("township", "/insight/rows/?subject=members"),
    ],
    "insight:fields": [visit("county", "/insight/fields/")],
    "insight:checks": [visit("county", "/insight/checks/")],
    "insight:whole": [visit("county", "/insight/whole/?organization={county}")],
    "insight:pool": [visit("township", "/insight/pool/")],
    "insight:plan": [visit("county", "/insight/pool/{county}/plan/", "errors")],
    "insight:measures": [visit("secretary", "/insight/measures/")],
    "insight:measure": [visit("township", "/insight/measures/duties.done_of_owed/")],
    "insight:reports": [
        visit("township", "/insight/reports/"),
        visit("secretary", "/insight/reports/"),
    ],
    "insight:report": [visit("township", "/insight/reports/{report}/")],
    "insight:freeze": [visit("township", "/insight/reports/freeze/", "errors")],
    "adoptions:in_force": [
        visit("secretary", "/rules/"),
        visit("themed", "/rules/"),
        visit("county", "/rules/?organization={empty}"),
        visit("member", "/rules/?on=2019-01-01"),
    ],
    "adoptions:packs": [visit("system-admin", "/rules/packs/")],
    "adoptions:pack": [
        visit("secretary", "/rules/packs/national/branch-life/", "unfold"),
        visit("themed", "/rules/packs/seeds/mingguang-theme-day/"),
    ],
    "adoptions:item": [
        visit("secretary", "/rules/packs/national/branch-life/duties/general-meeting/"),
        visit("secretary", "/rules/packs/national/branch-life/activities/theme-day/"),
    ],
    "adoptions:detail": [visit("county", "/rules/adoptions/{adoption}/")],
    "adoptions:withdraw": [visit("county", "/rules/adoptions/{adoption}/withdraw/", "errors")],
    "adoptions:adopt": [visit("county", "/rules/adopt/", "errors")],
    "money:list": [visit("secretary", "/money/"), visit("township", "/money/?q=没有这样的")],
    "money:rollup": [visit("township", "/money/sums/")],
    "money:book": [visit("secretary", "/money/{book}/"), visit("township", "/money/{book}/")],
    "money:claims": [visit("secretary", "/money/{book}/list/")],
    "money:receive": [visit("secretary", "/money/{book}/receive/", "errors")],
    "money:pledge": [visit("secretary", "/money/{book}/pledge/", "errors")],
    "money:labour": [visit("secretary", "/money/{book}/labour/", "errors")],
    "money:settle": [visit("secretary", "/money/{book}/settle/", "errors")],
    "money:claim": [visit("secretary", "/money/{book}/claim/", "errors")],
    "money:withdraw": [visit("secretary", "/money/claims/{book_claim}/withdraw/", "errors")],
    "money:reverse": [visit("township", "/money/entries/{posted}/reverse/", "errors")],
    "money:reverse_quantity": [
        visit("township", "/money/quantities/{book_work}/reverse/", "errors"),
    ],
    "imports:list": [visit("receiver", "/imports/"), visit("township", "/imports/")],
    "imports:upload": [visit("receiver", "/imports/new/", "errors")],
    "imports:detail": [
        visit("receiver", "/imports/{checked}/", "unfold"),
        visit("receiver", "/imports/{imported}/"),
    ],
    "imports:faults": [
        visit("receiver", "/imports/{checked}/faults/?kind=errors&code=unknown_sex"),
    ],
    "imports:undo": [visit("receiver", "/imports/{imported}/undo/")],
    "notices:list": [visit("secretary", "/notices/"), visit("big", "/notices/")],
    "notices:settings": [
        visit("secretary", "/notices/settings/"),
        visit("member", "/notices/settings/"),
    ],
    "notices:confirm": [visit("member", "/notices/settings/confirm/?code=1", "errors")],
    "notices:deliveries": [
        visit("system-admin", "/notices/outside/"),
        visit("system-admin", "/notices/outside/?view=all"),
    ],
    "notices:webhook_new": [visit("system-admin", "/notices/webhooks/new/", "errors")],
    "notices:webhook": [visit("system-admin", "/notices/webhooks/{webhook}/")],
    "portal:home": [visit("", "/open/"), visit("secretary", "/open/")],
    "portal:organization": [visit("", "/open/{branch}/")],
    "portal:notices": [
        visit("", "/open/{branch}/notices/"),
        visit("", "/open/{branch}/notices/?past=1"),
        visit("", "/open/{branch}/notices/?like={open_notice}"),
    ],
    "portal:promises": [visit("", "/open/{branch}/promises/")],
    "portal:decisions": [visit("", "/open/{branch}/decisions/")],
    "portal:publication": [visit("", "/open/publication/{open_notice}/")],
    "portal:raise_voice": [visit("", "/open/publication/{open_notice}/ask/", "errors")],
    "portal:follow_voice": [visit("", "/open/answer/", "errors")],
    "portal:find": [
        visit("", "/open/find/"),
        visit("", "/open/find/?q=活动室"),
        visit("", "/open/find/?q=13912345678"),
    ],
    "portal:privacy": [visit("", "/open/privacy/")],
    "portal:feedback": [visit("", "/open/feedback/?page=/open/", "errors")],
    "notices:feedback": [visit("secretary", "/notices/feedback/?page=/workbench/", "errors")],
    "notices:feedback_list": [visit("system-admin", "/notices/feedback/all/")],
    "notices:feedback_detail": [
        visit("system-admin", "/notices/feedback/{waiting}/", "errors"),
        visit("secretary", "/notices/feedback/{answered}/"),
    ],
}

NO_PAGES = {
    "portal:leave": "a verb",
    "publishing:look_again": "a verb",
    "pairings:withdraw": "a verb",
    "pairings:take": "a verb",
    "pairings:note": "a verb",
    "desk:home": "leads on to the first screen of the hat",
    "desk:entry_proof": "a file",
    "ledger:proof_file": "a file",
    "accounts:save_filter": "a verb; refused, it shows the form again",
    "accounts:delete_filter": "a verb",
    "core:live": "JSON",
    "core:ready": "JSON",
    "core:large_print": "a switch",
    "core:wear_hat": "a switch",
    "accounts:sign_out": "a verb",
    "organizations:export": "a workbook",
    "organizations:export_terms": "a workbook",
    "organizations:plan_blank": "a workbook",
    "organizations:mine": "leads on to one's own organisation",
    "people:export": "a workbook",
    "people:export_member_group": "a workbook",
    "people:looks_export": "a workbook",
    "people:own_data": "a workbook, or JSON",
    "people:own_consent": "a verb",
    "people:take_back": "a verb",
    "people:tell_apart": "a verb",
    "people:handover_sign": "a verb",
    "people:handover_finish": "a verb; refused, it shows the list again",
    "people:handover_cancel": "a verb; refused, it shows the list again",
    "people:handover_file": "a Word file",
    "people:stop_account": "a verb",
    "activities:receive": "a verb",
    "activities:attach": "a verb; refused, it shows the field again",
    "activities:confirm": "a verb",
    "activities:file_theme": "a verb",
    "insight:count": "a verb",
    "insight:chart": "a picture, seen on its page",
    "insight:fields_chart": "a picture, seen on its page",
    "insight:report_chart": "a picture, seen on its page",
    "activities:minutes": "a Word file",
    "cases:start_here": "leads on",
    "cases:paper_file": "a Word file",
    "publishing:word": "a Word file",
    "publishing:check": "a verb; refused, it shows the page again",
    "publishing:approve": "a verb",
    "publishing:publish": "a verb; refused, it shows the page again",
    "publishing:return": "a verb; refused, it shows the page again",
    "publishing:read": "a verb",
    "cases:gather_here": "leads on",
    "campaigns:launch_here": "leads on",
    "cases:act": "a verb; refused, it shows the page again",
    "cases:claim": "a verb",
    "cases:procedure_picture": "a picture, seen on its page",
    "cases:picture": "a picture, seen on its page",
    "assignments:complete": "a verb",
    "assignments:take": "a verb",
    "assignments:take_many": "a verb",
    "assignments:send_back": "a verb; refused, it shows the page again",
    "assignments:remind": "a verb",
    "assignments:paper": "a Word file",
    "duties:withdraw_exemption": "a verb",
    "duties:confirm_talk": "a verb",
    "desk:confirm_proposal": "a verb",
    "desk:refuse_proposal": "a verb",
    "tokens:revoke": "a verb",
    "desk:open_feed": "a verb; shows the address once",
    "desk:revoke_feed": "a verb",
    "desk:feed": "for calendar programs",
    "duties:withdraw_talk": "a verb",
    "adoptions:export": "a workbook",
    "files:download": "a file",
    "imports:blank": "a workbook",
    "imports:rest": "a workbook",
    "imports:apply": "a verb",
    "imports:discard": "a verb",
    "files:remove": "a verb",
    "notices:open": "a verb",
    "notices:send_again": "a verb",
    "notices:send_all_again": "a verb",
    "notices:webhook_secret": "a verb; it shows the secret once",
    "notices:webhook_try": "a verb",
    "notices:read_all": "a verb",
}


def addresses() -> set[str]:
    """The name of every page there is; operations of the API have a table of their own."""
    return set(_names(get_resolver(), ""))


def _names(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace != "api":
            inside = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _names(entry, inside)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"


# --- steps


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")


def errors(page: Page) -> None:
    """Send the form empty, as a hurried thumb does."""
    form = page.locator("main form[method=post]:has(.btn-primary, .btn-danger-line)").last
    form.evaluate(
        """form => [...form.elements].forEach((field) => {
          if (/^(text|password|date|datetime-local|search|tel)$|textarea/.test(field.type)) {
            field.value = "";
          }
          if (field.tagName === "SELECT" && field.querySelector("option[value='']")) {
            field.value = "";
          }
        })"""
    )
    form.locator(".btn-primary, .btn-danger-line").last.click()
    expect(page.locator("[role=alert], .z-err").first).to_be_visible()


def votes(page: Page) -> None:
    """Count a vote wrongly: fewer came than voted, one teller twice."""
    for name, number in (("实到", "11"), ("赞成", "15"), ("反对", "1")):
        page.get_by_label(name, exact=True).fill(number)
    for name in ("监票人", "计票人"):
        page.get_by_label(name).select_option(index=1)
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.locator(".z-votes .z-err").first).to_be_visible()


def change_duty(page: Page) -> None:
    page.get_by_label("什么会").select_option(label="党员大会（四季度应办）")
    expect(page.locator("[data-absent]")).to_have_count(20)


def absent(page: Page) -> None:
    page.locator(".z-chip.absent").nth(3).click()
    page.get_by_label("赞成").fill("17")
    expect(page.locator("[data-why]:visible")).to_have_count(1)


def more(page: Page) -> None:
    page.get_by_role("button", name="加一项决定").click()
    expect(page.locator("[data-decision]")).to_have_count(2)
    page.get_by_role("button", name="加一项任务").click()
    expect(page.locator("[data-task]")).to_have_count(2)


def search(page: Page) -> None:
    page.locator("#id_q").fill("jhm")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text("蒋红梅")


def reveal(page: Page) -> None:
    page.locator("a[data-dialog]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def cost(page: Page) -> None:
    """As far as the page that shows what a commission costs those below."""
    unfold(page)
    page.get_by_label("要办的事").fill("摸底")
    page.get_by_label("哪天前").fill("2026-12-01")
    page.get_by_label("自己列，最多 5 项").check()
    page.get_by_label("项目").first.fill("党员数")
    page.get_by_label("填一份几分钟").fill("3")
    page.get_by_role("button", name="下一步：看看要下面费多少事").click()
    expect(page.get_by_role("heading", name="要下面费多少事")).to_be_visible()


def preview(page: Page) -> None:
    """Look at a bulk change before it is made."""
    page.get_by_role("button", name="看一遍再办").click()
    expect(page.get_by_role("button", name="办理")).to_be_visible()


def _first_two(page: Page) -> None:
    for number in range(2):
        page.locator("input[name=row]").nth(number).check()
    page.get_by_role("button", name="看一遍再办").click()
    expect(page.get_by_role("heading", name="会改的")).to_be_visible()


def preview_move(page: Page) -> None:
    page.get_by_label("转到哪个支部").fill("韩阳村党支部")
    page.get_by_label("从哪天起").fill("2026-11-01")
    _first_two(page)


def preview_days(page: Page) -> None:
    page.get_by_label("改到哪天前").fill("2026-12-20")
    page.locator("input[name=row]").first.check()
    page.get_by_role("button", name="看一遍再办").click()
    expect(page.get_by_role("heading", name="会改的")).to_be_visible()


def preview_reason(page: Page) -> None:
    page.get_by_label("为什么免").fill("汛期抗洪")
    _first_two(page)


def preview_check(page: Page) -> None:
    page.get_by_label("看到什么").fill("到现场看了，改好了。")
    page.locator("input[name=row]").first.check()
    page.get_by_role("button", name="看一遍再办").click()
    expect(page.get_by_role("heading", name="会改的")).to_be_visible()


def preview_merger(page: Page) -> None:
    page.get_by_label("并到哪个组织").fill("韩阳村党支部")
    page.get_by_label("从哪天起").fill("2026-11-01")
    page.get_by_role("button", name="看看会带走什么").click()
    expect(page.get_by_text("四庄村党支部并到韩阳村党支部")).to_be_visible()


def where_to(page: Page) -> None:
    page.get_by_label("分成哪些组织").fill("ZZ1 通扬村第一党支部\nZZ2 通扬村第二党支部")
    page.get_by_label("从哪天起").fill("2026-11-01")
    page.get_by_role("button", name="下一步：谁去哪里").click()
    expect(page.get_by_role("heading", name="带走什么")).to_be_visible()


def preview_plan(page: Page) -> None:
    page.get_by_label("或者贴在这里").fill("321012105206\tZZ3\t四庄新村党支部")
    page.get_by_label("从哪天起").fill("2026-11-01")
    page.get_by_role("button", name="核对方案").click()
    expect(page.get_by_text("四庄村党支部并到四庄新村党支部")).to_be_visible()


def faults(page: Page) -> None:
    page.get_by_label("或者贴在这里").fill("没有\tZZ3\t四庄新村\n321012105206\tZZ4")
    page.get_by_label("从哪天起").fill("2026-11-01")
    page.get_by_role("button", name="核对方案").click()
    expect(page.get_by_text("方案有 2 处要改")).to_be_visible()


STEPS: dict[str, Any] = {
    "cost": cost,
    "preview": preview,
    "preview move": preview_move,
    "preview days": preview_days,
    "preview reason": preview_reason,
    "preview check": preview_check,
    "preview merger": preview_merger,
    "where to": where_to,
    "preview plan": preview_plan,
    "faults": faults,
    "votes": votes,
    "unfold": unfold,
    "errors": errors,
    "change duty": change_duty,
    "absent": absent,
    "more": more,
    "search": search,
    "reveal": reveal,
}
