"""Kept pages: one query, nobody's, never behind a withdrawal, little behind the rest."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from tests import factories
from tests.conftest import NOON, TODAY
from tests.portal.making import published
from zhibu.ledger import actions as ledger
from zhibu.ledger import feed
from zhibu.organizations import actions as organizations
from zhibu.portal import cache
from zhibu.portal.cache import KeptPages, Key, Page, Place, Shelf
from zhibu.publishing import actions


def address(name, *args):
    return reverse(f"portal:{name}", args=args)


def queries(client, path, **more):
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, **more)
    return answer, [each["sql"] for each in captured]


# --- what a hit costs


@pytest.mark.parametrize(
    "name", ["home", "organization", "notices", "promises", "decisions", "publication", "privacy"]
)
def test_a_kept_page_costs_one_query(client, tree, publication, name):
    args = {"home": (), "privacy": (), "publication": (publication.pk,)}
    path = address(name, *args.get(name, (tree.village.pk,)))
    first = client.get(path)
    again, asked = queries(client, path)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert len(asked) == 1 and "publishing_edition" in asked[0]


def test_whoever_is_signed_in_costs_no_more_and_sees_the_same(client, tree, publication, cast):
    path = address("organization", tree.village.pk)
    plain = client.get(path)
    signed_in = Client()
    signed_in.force_login(cast["secretary"], "django.contrib.auth.backends.ModelBackend")
    cookies = dict(signed_in.cookies)
    answer, asked = queries(signed_in, path)
    assert answer.content == plain.content
    assert len(asked) == 1 and "publishing_edition" in asked[0]
    assert dict(signed_in.cookies) == cookies and not answer.cookies


def test_a_page_drawn_for_somebody_signed_in_is_nobodys(tree, publication, cast):
    signed_in = Client()
    signed_in.force_login(cast["member"], "django.contrib.auth.backends.ModelBackend")
    answer, asked = queries(signed_in, address("organization", tree.village.pk))
    assert cast["member"].display_name not in answer.content.decode()
    assert not any("django_session" in sql or "accounts_user" in sql for sql in asked)
    assert "data-user" not in answer.content.decode()


def kept_views():
    """Every address of a kept view, by its name."""
    (portal,) = (one for one in get_resolver().url_patterns if one.namespace == "portal")
    return {one.name for one in portal.url_patterns if hasattr(one.callback, "kept")}


def test_a_kept_page_has_no_token_and_sets_no_cookie(client, tree, publication):
    paths = {
        name: address(name, publication.pk if name == "publication" else tree.village.pk)
        if name in {"organization", "notices", "promises", "decisions", "publication"}
        else address(name)
        for name in kept_views()
    }
    assert len(paths) >= 8
    for path in paths.values():
        answer = client.get(path)
        assert answer.status_code == 200
        assert not answer.cookies and "csrf" not in answer.content.decode()
        assert answer["Cache-Control"] == "public, no-cache"
        assert {"Cookie", "Accept-Encoding"} <= set(answer["Vary"].split(", "))


# --- what empties it


def test_a_withdrawal_is_seen_at_once_in_every_process(tree, publication, cast, monkeypatch):
    """Two shelves, as two processes have them: neither is told anything."""
    path, shelves = address("publication", publication.pk), (Shelf(), Shelf())

    def seen(shelf):
        monkeypatch.setattr(cache, "SHELF", shelf)
        return client.get(path)

    client = Client()
    first = [seen(shelf) for shelf in shelves]
    assert [answer.status_code for answer in first] == [200, 200]
    assert all(len(shelf) == 1 for shelf in shelves)
    actions.withdraw(publication, reason="写错了", by=cast["secretary"], at=NOON)
    for shelf in shelves:
        answer = seen(shelf)
        assert answer.status_code == 410 and publication.note not in answer.content.decode()
    assert all(len(shelf) == 0 for shelf in shelves)  # what was withdrawn lies nowhere


def test_a_browser_that_kept_a_page_is_told_of_the_withdrawal(client, tree, publication, cast):
    path = address("organization", tree.village.pk)
    etag = client.get(path)["ETag"]
    same = client.get(path, headers={"If-None-Match": etag})
    assert same.status_code == 304 and not same.content
    assert same["ETag"] == etag and same["Cache-Control"] == "public, no-cache"
    actions.withdraw(publication, reason="写错了", by=cast["secretary"], at=NOON)
    answer = client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 404 and "ETag" not in answer


def test_what_is_published_is_seen_at_once(client, tree, publication, cast):
    path = address("organization", tree.village.pk)
    client.get(path)
    published(tree.village, "村东路灯", by=tree.system)
    assert "村东路灯" in client.get(path).content.decode()


NEW = "冯春生"


def posted(organization, tree, cast):
    """Somebody new in a post of ``organization``; sealed."""
    home = tree.village if organization == tree.county else organization
    factories.holder(
        home, organization, "branch-secretary", by=cast["county officer"],
        title="副书记", name=NEW, since=TODAY,
    )  # fmt: skip
    ledger.seal(timezone.now())


@pytest.fixture
def sealed(publication):
    ledger.seal(NOON)


def test_what_advances_nothing_is_seen_once_it_is_sealed(
    client, clock, tree, publication, sealed, cast
):
    path = address("organization", tree.village.pk)
    client.get(path)
    posted(tree.village, tree, cast)
    clock.shift(cache.UNASKED - timedelta(seconds=1))
    assert NEW not in client.get(path).content.decode()
    clock.shift(timedelta(seconds=1))
    assert NEW in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("where", "is_drawn"), [("village", True), ("county", True), ("inner", False), ("far", False)]
)
def test_what_is_done_elsewhere_leaves_a_page(
    where, is_drawn, client, clock, tree, publication, sealed, cast
):
    """Asked what was sealed: two queries more, three where somebody did something somewhere."""
    path = address("organization", tree.village.pk)
    client.get(path)
    posted(getattr(tree, where), tree, cast)
    clock.shift(cache.UNASKED)
    _, asked = queries(client, path)
    assert (len(asked) > 4) == is_drawn
    if not is_drawn:
        assert len(asked) == 4
        assert len(queries(client, path)[1]) == 1  # true again for a while


def test_a_page_is_asked_for_twice_only_where_nothing_was_sealed(client, clock, tree, publication):
    path = address("organization", tree.village.pk)
    client.get(path)
    clock.shift(cache.UNASKED)
    assert len(queries(client, path)[1]) == 2
    assert len(queries(client, path)[1]) == 1


def test_a_page_is_drawn_anew_once_an_hour_whatever_happens(client, clock, tree, publication):
    path = address("organization", tree.village.pk)
    client.get(path)
    type(tree.village).objects.filter(pk=tree.village.pk).update(name="后村党支部")
    clock.shift(cache.LONGEST - timedelta(seconds=1))
    assert "后村党支部" not in client.get(path).content.decode()
    clock.shift(timedelta(seconds=1))
    assert "后村党支部" in client.get(path).content.decode()


def test_a_move_in_the_tree_is_seen_where_something_left(
    client, clock, tree, publication, sealed, cast
):
    """The township that a village left no longer lists what the village let out."""
    path = address("decisions", tree.east.pk)
    assert publication.title in client.get(path).content.decode()
    organizations.move(
        tree.village, parent=tree.west, since=TODAY, by=cast["county officer"], at=NOON
    )
    ledger.seal(timezone.now())
    clock.shift(cache.UNASKED)
    assert client.get(path).status_code == 404


def test_more_changes_than_are_read_draw_everything_anew(
    client, clock, tree, publication, cast, monkeypatch
):
    path = address("organization", tree.village.pk)
    client.get(path)
    posted(tree.far, tree, cast)
    monkeypatch.setattr(feed, "MOST", 0)
    clock.shift(cache.UNASKED)
    assert len(queries(client, path)[1]) > 4


def test_what_another_place_lets_out_leaves_a_page(client, tree, publication):
    mine, above = address("organization", tree.village.pk), address("organization", tree.east.pk)
    published(tree.inner, "机关路灯", by=tree.system)
    for path in (mine, above):
        client.get(path)
    published(tree.inner, "机关大门", by=tree.system)
    assert len(queries(client, mine)[1]) == 1
    published(tree.village, "村东路灯", by=tree.system)
    assert len(queries(client, above)[1]) > 4
    assert "村东路灯" in client.get(above).content.decode()


def test_a_page_drawn_while_something_was_let_out_is_not_kept(tree, publication, monkeypatch):
    """The page was read before, its edition after: it would be taken for the newer one."""
    drawn = []

    def overtaken(request):
        drawn.append(request.path)
        answer = HttpResponse("old")
        published(tree.village, f"村东路灯 {len(drawn)}", by=tree.system)
        return cache.about(answer, tree.village)

    pages = KeptPages(overtaken)
    for _ in range(2):
        pages(RequestFactory().get("/open/privacy/", headers={"Host": "testserver"}))
    assert len(drawn) == 2 and len(cache.SHELF) == 0


def test_a_page_kept_before_midnight_is_not_shown_after_it(client, clock, tree, publication):
    path = address("publication", publication.pk)
    clock.move_to(NOON.replace(hour=15, minute=59, second=50))  # ten seconds before midnight
    assert "还剩 14 天" in client.get(path).content.decode()
    clock.shift(timedelta(seconds=20))
    assert "还剩 13 天" in client.get(path).content.decode()


# --- what it depends on


def test_other_parameters_and_cookies_do_not_reach_a_page(client, tree, publication):
    path = address("organization", tree.village.pk)
    client.cookies["tracked"] = "yes"
    first = client.get(path, {"from": "<script>", "page": "2"})
    assert "from=" not in first.content.decode()
    assert len(cache.SHELF) == 1
    assert Client().get(path).content == first.content
    assert len(cache.SHELF) == 1


def test_large_print_is_a_link_that_sets_a_cookie(client, tree, publication):
    path = address("find")
    plain = client.get(path, {"q": "路"})
    assert "?q=%E8%B7%AF&amp;large=1" in plain.content.decode()
    answer = client.get(path, {"q": "路", "large": "1"})
    assert answer.status_code == 302 and answer["Location"] == f"{path}?q=%E8%B7%AF"
    assert answer.cookies["large"].value == "1" and answer["Cache-Control"] == "private, no-store"
    large = client.get(path, {"q": "路"})
    assert 'class="large"' in large.content.decode() and large.content != plain.content
    assert 'class="large"' not in Client().get(path, {"q": "路"}).content.decode()
    client.get(path, {"large": "0"})
    assert 'class="large"' not in client.get(path, {"q": "路"}).content.decode()


@pytest.mark.parametrize("name", ["raise_voice", "follow_voice", "feedback"])
def test_forms_are_not_kept(client, tree, publication, name):
    path = address(name, *([publication.pk] if name == "raise_voice" else []))
    answer = client.get(path)
    assert answer.status_code == 200 and "csrfmiddlewaretoken" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"] and len(cache.SHELF) == 0


def test_answers_that_are_not_pages_are_not_kept(client, tree, publication):
    for path in (address("organization", 10**6), address("publication", 10**6), "/open/nowhere/"):
        assert client.get(path).status_code == 404
    assert len(cache.SHELF) == 0


def test_a_view_that_sets_a_cookie_is_not_kept(db, publication):
    def careless(request):
        answer = HttpResponse("x")
        answer.set_cookie("mine", "1")
        return answer

    KeptPages(careless)(RequestFactory().get("/open/privacy/", headers={"Host": "testserver"}))
    assert len(cache.SHELF) == 0


def test_packed_and_plain_are_the_same_page(client, tree, publication):
    import gzip

    path = address("organization", tree.village.pk)
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"]


def test_the_first_view_is_light(client, tree, publication):
    """Page and stylesheet, packed: at most 40 kB."""
    import gzip

    css = (settings.PACKAGE / "static" / "zhibu.css").read_bytes()
    page = client.get(address("organization", tree.village.pk), headers={"Accept-Encoding": "gzip"})
    script = (settings.PACKAGE / "static" / "zhibu.js").read_bytes()
    icons = (settings.PACKAGE / "static" / "icons.svg").read_bytes()
    rest = sum(len(gzip.compress(each)) for each in (css, script, icons))
    assert len(page.content) + rest <= 40_000


# --- the shelf


def key(number):
    return Key(date(2026, 11, 20), "testserver", f"/open/{number}/", "", False)


def sheet(size, at=NOON):
    return Page(b"x" * size, "W/", Place(), 0, 0, at, at)


@given(some.lists(some.tuples(some.integers(0, 20), some.integers(0, 110)), max_size=60))
def test_the_shelf_stays_within_its_bounds(steps):
    shelf = Shelf(pages=5, size=100)
    for number, size in steps:
        shelf.keep(key(number), sheet(size))
        there = [len(page.packed) for page in shelf._pages.values()]
        assert len(there) <= 5 and sum(there) == shelf._bytes <= 100
        assert size > 100 or shelf.find(key(number)) is not None


def test_what_was_asked_for_lately_stays():
    shelf = Shelf(pages=2)
    shelf.keep(key(1), sheet(1))
    shelf.keep(key(2), sheet(1))
    shelf.find(key(1))
    shelf.keep(key(3), sheet(1))
    assert [shelf.find(key(n)) is not None for n in (1, 2, 3)] == [True, False, True]


def test_a_page_from_the_future_is_drawn_anew(client, clock, tree, publication):
    path = address("organization", tree.village.pk)
    client.get(path)
    clock.shift(timedelta(seconds=-5))
    assert len(queries(client, path)[1]) > 4
