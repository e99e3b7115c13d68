"""What a read costs in queries: the same at one and three of everything, and few."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests import scenes
from tests.api.asking import client_of, send, token_for
from tests.costs.growing import County
from tests.costs.pages import TOPIC
from tests.scenes import HOUSEHOLDS, VENUES
from zhibu.api.sections import OPERATIONS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.alike]
FEW, MANY, MOST = 1, 3, 12

# Beside what it reads, each call knows its token, counts itself and asks for standings.
READS = {
    "/me": "secretary",
    "/organizations?size=100": "county officer",
    "/organizations/{village}": "county officer",
    "/organizations/{village}/recording?what=knational/branch-life:general-meeting": "secretary",
    "/organizations/{village}/procedures": "secretary",
    "/organizations/{village}/rules": "secretary",
    "/people?size=100": "county officer",
    "/people/{person}": "county officer",
    "/corrections": "county officer",
    "/handovers?size=100": "county officer",
    "/handovers/{handover}": "county officer",
    "/activities?size=100": "county officer",
    "/activities/{large}": "secretary",
    "/filings": "township officer",
    "/duties?size=100": "county officer",
    "/duties/{obligation}": "secretary",
    "/talks": "secretary",
    "/tasks?size=100": "county officer",
    "/tasks/{handed}": "secretary",
    "/commissions": "township officer",
    "/commissions/{commission}": "township officer",
    "/cases?view=all&size=100": "county officer",
    "/cases/{case}": "secretary",
    "/registers?organization={county}": "county officer",
    "/caps?organization={county}&size=100": "county officer",
    "/links?organization={county}&size=100": "county officer",
    f"/links/gaps?kind={HOUSEHOLDS}&organization={{village}}": "secretary",
    "/links/{link}": "secretary",
    "/rotas?organization={village}": "secretary",
    "/rotas/{rota}": "secretary",
    "/rotas/{rota}/turns": "secretary",
    f"/registers/rows?book={VENUES}&size=100": "county officer",
    f"/registers/gaps?book={VENUES}&organization={{county}}": "county officer",
    "/registers/rows/{row}": "secretary",
    "/books?size=100": "county officer",
    "/books/{book}": "secretary",
    "/books/{book}/entries": "secretary",
    "/books/{book}/work": "secretary",
    "/books/{book}/claims": "secretary",
    "/publications?view=all&size=100": "county officer",
    "/publications/{public}": "secretary",
    "/publications/topics?organization={village}": "secretary",
    f"/publications/records?organization={{village}}&topic={TOPIC}": "secretary",
    "/voices": "secretary",
    "/papers?size=100": "county officer",
    "/commons": "county officer",
    "/campaigns?size=100": "county officer",
    "/campaigns/{drive}": "township officer",
    "/campaigns/{drive}/grid?phase=all": "township officer",
    "/campaign-units/{unit}?phase=study": "secretary",
    "/campaign-units/{unit}/people?phase=study": "secretary",
    "/organizations/{village}/measures": "secretary",
    "/organizations/{village}/measures/people.members": "secretary",
    "/organizations/{village}/admissions": "secretary",
    "/packs": "secretary",
    "/adoptions?size=100": "county officer",
    "/adoptions/{adoption}": "county officer",
    "/notices?size=100": "secretary",
    "/feedback?size=100": "system admin",
    "/reports": "county officer",
}
DEAR = {
    # who ought to be linked: the tree of the day, packs in force there, rows, links
    f"/links/gaps?kind={HOUSEHOLDS}&organization={{village}}": 14,
    # packs in force here and at each place below, and a count a cap
    "/caps?organization={county}&size=100": 14,
    # the tree of the day, its rows, packs in force, a condition
    f"/registers/gaps?book={VENUES}&organization={{county}}": 14,
    # what is owed, which packs hold and who is expected, each dated
    "/organizations/{village}/recording?what=knational/branch-life:general-meeting": 13,
    # a question a measure and place
    "/organizations/{village}/measures": 21,
    # its turns, votes, notices, papers, other cases; and whether each may be done
    "/cases/{case}": 16,
}
FILES = {
    "activity_minutes",
    "file",
    "handover_word",
    "commission_paper",
    "report_workbook",
    "paper_word",
}


def taken(county, tokens):
    found = {}
    life = county.life
    facts = county.facts | {"drive": life.drive.pk, "unit": life.unit.pk}
    for path, role in READS.items():
        client, address = client_of(tokens[role]), path.format(**facts)
        send(client, "GET", address)
        with CaptureQueriesContext(connection) as captured:
            answer = send(client, "GET", address)
        assert answer.status_code == 200, (path, answer.content.decode()[:300])
        found[path] = len(captured)
    return found


def test_every_read_is_taken():
    """Files cost what their pages cost."""
    reads = {
        resolve(f"/api/v1{path.partition('?')[0]}").url_name
        for path in (re.sub(r"\{\w+\}", "1", path) for path in READS)
    }

    assert reads == {o.name for o in OPERATIONS if o.method == "GET"} - FILES


def test_reads_cost_the_same_at_three_times_the_rows_and_little(tree, cast):
    county = County(scenes.live(tree, cast))
    tokens = {role: token_for(cast[role]) for role in set(READS.values())}
    county.grow(FEW)
    few = taken(county, tokens)
    county.grow(MANY)
    many = taken(county, tokens)

    assert {p: (few[p], many[p]) for p in READS if few[p] != many[p]} == {}
    assert {p: n for p, n in many.items() if n > DEAR.get(p, MOST)} == {}
