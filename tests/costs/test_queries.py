"""What each page costs in queries: the same at three and nine of everything, and few."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import scenes
from tests.browser.pages import addresses
from tests.costs.growing import County
from tests.costs.pages import COSTS, MOST, NO_COST, Cost

# Queries are counted, whatever database answers them.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.alike]
FEW, MANY = 3, 9
PAGES = [cost for costs in COSTS.values() for cost in costs]


def taken(county: County) -> Iterator[tuple[Cost, list[str]]]:
    """Every page and its queries as the county is now; the session and caches settled."""
    clients: dict[str, Client] = {}
    for cost in PAGES:
        if cost.role not in clients:
            clients[cost.role] = Client()
            user = county.life.cast[cost.role]
            if user:
                clients[cost.role].force_login(user)
        client, address = clients[cost.role], cost.path.format(**county.facts)
        client.get(address).getvalue()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
            answer.getvalue()
        assert answer.status_code == 200, f"{cost}: {answer.status_code}"
        yield cost, [query["sql"] for query in captured.captured_queries]


def test_every_address_has_its_cost_or_a_reason():
    assert set(COSTS) & set(NO_COST) == set()
    assert set(COSTS) | set(NO_COST) == addresses()


def test_pages_cost_the_same_at_three_times_the_rows_and_little(tree, cast, settings, tmp_path):
    settings.PUBLISHED_PATH = tmp_path / "published"
    settings.PUBLISH_FOLDER = str(tmp_path / "shared")
    county = County(scenes.live(tree, cast))
    county.grow(FEW)
    few = dict(taken(county))
    county.grow(MANY)
    many = dict(taken(county))

    grown = [
        f"{cost}: {len(few[cost])} → {len(many[cost])}"
        for cost in PAGES
        if len(few[cost]) != len(many[cost])
    ]
    assert grown == []
    dear = [f"{cost}: {len(many[cost])}" for cost in PAGES if len(many[cost]) > cost.most]
    assert dear == []


@pytest.mark.parametrize("cost", PAGES, ids=str)
def test_more_than_twelve_has_a_reason(cost):
    assert (cost.most > MOST) == bool(cost.reason)
