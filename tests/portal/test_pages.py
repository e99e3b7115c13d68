"""What residents see on the pages, and what is not there for them."""

import pytest
from django.urls import reverse

from tests.conftest import TODAY
from tests.portal.making import published

pytestmark = pytest.mark.usefixtures("clock")


def page(client, name, *args, **query):
    return client.get(reverse(f"portal:{name}", args=args), query)


def text(response):
    return response.content.decode()


def test_nothing_is_open_before_anything_was_published(client, tree):
    assert "还没有公开的内容" in text(page(client, "home"))
    assert page(client, "organization", tree.village.pk).status_code == 404


def test_whoever_published_is_open_and_so_are_those_above(client, tree, system):
    published(tree.village, "村东路灯改造方案", by=system, hangs=15)
    for place in (tree.county, tree.east, tree.village):
        answer = page(client, "organization", place.pk)
        assert answer.status_code == 200
        assert "村东路灯改造方案" in text(answer) and "还剩 14 天" in text(answer)
    for place in (tree.west, tree.far, tree.general, tree.inner):
        assert page(client, "organization", place.pk).status_code == 404
    assert reverse("portal:organization", args=[tree.east.pk]) in text(page(client, "home"))
    assert reverse("portal:organization", args=[tree.west.pk]) not in text(page(client, "home"))


@pytest.mark.parametrize("name", ["notices", "promises", "decisions"])
def test_lists_of_who_is_not_open_are_not_there(client, tree, system, name):
    published(tree.village, "路灯", by=system)
    assert page(client, name, tree.far.pk).status_code == 404
    assert page(client, name, tree.village.pk).status_code == 200
