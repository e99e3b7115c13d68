"""Whoever asks is known behind a proxy, and a header is believed from a proxy alone."""

import ipaddress

import pytest
from django.http import HttpResponse

from zhibu.core.middleware import BehindProxy

PROXIES = ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


def asking(rf, address, passed_on=None):
    """The address that the pages see."""
    more = {} if passed_on is None else {"HTTP_X_FORWARDED_FOR": passed_on}
    request = rf.get("/", REMOTE_ADDR=address, **more)
    BehindProxy(lambda _: HttpResponse())(request)
    return request.META["REMOTE_ADDR"]


@pytest.fixture
def proxies(settings):
    settings.PROXIES = [ipaddress.ip_network(each) for each in PROXIES]


@pytest.mark.parametrize(
    ("address", "passed_on", "seen"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # what the visitor wrote is not read
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),  # somebody within
        ("127.0.0.1", "没有", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, 没有", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),  # no proxy: not believed
    ],
)
def test_the_last_address_before_our_proxies_is_who_asks(rf, proxies, address, passed_on, seen):
    assert asking(rf, address, passed_on) == seen


def test_without_proxies_no_header_is_believed(rf):
    assert asking(rf, "127.0.0.1", "203.0.113.7") == "127.0.0.1"


@pytest.mark.django_db
def test_tries_are_counted_for_each_who_asks(client, proxies):
    """One who tries too often locks nobody else out."""

    def sign_in(who):
        said = {"username": "nobody", "password": "不对"}
        return client.post(
            "/accounts/sign-in/", said, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=who
        ).status_code

    tried = [sign_in("203.0.113.7") for _ in range(6)]

    assert tried[-1] != 200
    assert sign_in("203.0.113.8") == 200
