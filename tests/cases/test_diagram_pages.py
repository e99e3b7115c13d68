"""The pages of the diagram: the table first, the drawing at an address of its own."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests.conftest import NOON
from tests.scenes import RECTIFY, step_on
from zhibu.cases.models import Case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def secretary(life, cast, client):
    client.force_login(cast["secretary"])
    return client


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def pictures(text):
    """Addresses of the narrow and the wide drawing."""
    return re.findall(r'(?:src|srcset)="(/cases/[^"]+picture\.svg[^"]*)"', text)


def test_table_comes_first_and_both_drawings_are_there(secretary):
    text = page(secretary, reverse("cases:procedure") + f"?procedure={RECTIFY}")
    wide, narrow = pictures(text)

    assert text.index("<table") < text.index("<picture>")
    assert re.findall(r'<th scope="col">(.*?)</th>', text) == [
        "阶段", "轮到谁", "期限", "结果", "接着什么",
    ]  # fmt: skip
    assert 'viewBox="0 0 320 ' in page(secretary, narrow)
    assert 'viewBox="0 0 720 ' in page(secretary, wide)


def test_picture_may_load_and_run_nothing(secretary, life):
    for address in (
        reverse("cases:procedure_picture") + f"?procedure={RECTIFY}",
        reverse("cases:picture", args=[life.case.pk]),
    ):
        answer = secretary.get(address)
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "query",
    ["", "?procedure=seeds/rectification:none", "?procedure=none/none:none",
     f"?procedure={RECTIFY}&wording=1999-01-01"],
)  # fmt: skip
def test_what_no_pack_has_is_not_there(secretary, query):
    assert secretary.get(reverse("cases:procedure") + query).status_code == 404
    assert secretary.get(reverse("cases:procedure_picture") + query).status_code == 404


def test_place_of_a_case_is_marked_in_words_and_on_the_drawing(secretary, life, cast):
    address = reverse("cases:diagram", args=[life.case.pk])
    before = page(secretary, address)
    assert "现在在这一步，2026年12月2日前" in before
    assert "2026年11月20日办了" in before

    step_on(life.case, "report", by=cast["secretary"], at=NOON, done="贴了", lasting="每月贴")

    drawn = page(secretary, pictures(page(secretary, address))[1])
    marked = re.findall(r'data-stage="([a-z]+)"><rect [^>]*stroke-width="3"', drawn)
    assert marked == ["check"]
    done = page(secretary, reverse("cases:picture", args=[life.struck.pk]))
    assert not re.findall(r'data-stage="([a-z]+)"><rect [^>]*stroke-width="3"', done)


def test_what_is_not_done_any_more_is_marked_so(secretary, life, cast):
    from zhibu.cases import actions

    actions.cancel(life.case, reason="重复了", by=cast["secretary"], at=NOON)

    assert "不用办了" in page(secretary, reverse("cases:diagram", args=[life.case.pk]))
    assert Case.objects.get(pk=life.case.pk).state == "cancelled"


def test_it_is_reached_from_the_board_the_beginning_and_the_case(secretary, life):
    of_all = f"{reverse('cases:procedure')}?procedure=seeds%2Frectification%3Arectify"
    begin = reverse("cases:start", args=[life.tree.village.pk]) + f"?procedure={RECTIFY}"

    assert of_all in page(secretary, reverse("cases:board") + f"?procedure={RECTIFY}")
    assert f"{of_all}&wording=2000-01-01" in page(secretary, begin)
    mine = reverse("cases:diagram", args=[life.case.pk])
    assert mine in page(secretary, life.case.get_absolute_url())
