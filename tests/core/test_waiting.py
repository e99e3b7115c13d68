"""A long Excel file says first how long it takes, then comes by itself, and is whole."""

import re
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests import factories
from zhibu.core import waiting
from zhibu.insight import listings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ADDRESSES = {
    "people": lambda: reverse("people:export") + "?q=",
    "activities": lambda: reverse("activities:list") + "?export=1",
    "rows behind a figure": lambda: reverse("insight:rows") + "?subject=members&export=1",
}


@pytest.fixture
def short(monkeypatch):
    """Three rows are long here."""
    monkeypatch.setattr(waiting, "LONG", 3)


@pytest.fixture
def officer(life, cast, client):
    client.force_login(cast["county officer"])
    return client


def lines(response):
    sheet = openpyxl.load_workbook(BytesIO(response.getvalue())).active
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("name", ADDRESSES)
def test_long_file_says_so_and_then_begins_by_itself(name, officer, monkeypatch):
    address = ADDRESSES[name]()
    at_once = lines(officer.get(address))
    monkeypatch.setattr(waiting, "LONG", 1)

    said = officer.get(address)
    page = said.content.decode()
    target = unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)[1])

    assert "行，大约要 1 秒" in page
    assert lines(officer.get(address.partition("?")[0] + target)) == at_once


def test_short_file_comes_at_once(officer, short, tree):
    answer = officer.get(reverse("people:export") + "?q=" + "没有这个人")

    assert answer["Content-Disposition"].startswith("attachment")


def test_rows_are_worded_some_at_a_time(officer, monkeypatch, tree):
    for number in range(4):
        factories.member(tree.village, by=tree.system, name=f"党员{number}")
    address = ADDRESSES["rows behind a figure"]()
    together = lines(officer.get(address))
    monkeypatch.setattr(listings, "AT_ONCE", 2)

    assert lines(officer.get(address)) == together
    assert len(together) > 6
