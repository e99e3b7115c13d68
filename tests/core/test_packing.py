"""Pages are packed on the wire, never to a length that tells what is in them."""

import gzip

import pytest
from django.http import HttpResponse
from django.urls import reverse

from zhibu.core.middleware import GzipPages

pytestmark = pytest.mark.django_db


def packed(client, address):
    return client.get(address, headers={"accept-encoding": "gzip"})


def test_pages_are_packed_for_who_can_unpack_them(client):
    address = reverse("accounts:sign_in")

    answer = packed(client, address)

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert "登录" in gzip.decompress(answer.content).decode()
    assert not client.get(address).has_header("Content-Encoding")


def test_the_packed_length_of_the_same_page_varies(rf):
    pack = GzipPages(lambda request: HttpResponse("同样的一页。" * 200))
    request = rf.get("/", headers={"accept-encoding": "gzip"})

    lengths = {len(pack(request).content) for _ in range(12)}

    assert len(lengths) > 1


def test_files_are_not_packed_again(cast, client):
    client.force_login(cast["county officer"])

    answer = packed(client, reverse("organizations:export"))

    assert answer.status_code == 200
    assert not answer.has_header("Content-Encoding")
