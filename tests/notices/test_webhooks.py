"""Webhooks through a real web server: signed, without persons, never reaching inside."""

import hashlib
import hmac
import ipaddress
import json
import socket
import time
from datetime import timedelta
from threading import Thread

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from tests.conftest import NOON
from tests.notices import given, receivers
from tests.notices.conftest import HERE
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices import hooks, kinds, posting, sending
from zhibu.notices.models import Delivery, Notice, Outgoing, Webhook
from zhibu.notices.pace import Rhythm

AGAIN = NOON + sending.CLAIM


@pytest.fixture
def hook(cast, site):
    return given.webhook(cast["system admin"], site)


# --- what is sent


def test_body_says_what_kind_for_which_account_and_where(cast, site, hook):
    given.told(cast["member"])

    assert sending.run(NOON) == 1

    (asked,) = site.asked
    delivery = Delivery.objects.get()
    assert asked.path == "/hook?token=t1"
    assert json.loads(asked.body) == {
        "format": 1,
        "id": str(delivery.key),
        "purpose": "notices",
        "demo": json.loads(asked.body)["demo"],
        "notices": [
            {
                "key": "case:7:1",
                "kind": "case",
                "title": "有事项轮到您办",
                "user": cast["member"].pk,
                "url": f"{HERE}/cases/7/",
                "at": NOON.isoformat(),
            }
        ],
    }
    assert "王芳" not in asked.body.decode()
    assert asked.headers["X-Zhibu-Message-Id"] == str(delivery.key)
    assert asked.headers["Idempotency-Key"] == str(delivery.key)


def test_body_is_signed_with_the_time(cast, site, hook):
    given.told(cast["member"])
    sending.run(NOON)

    (asked,) = site.asked
    moment = asked.headers["X-Zhibu-Timestamp"]
    signed = hmac.new(hook.secret.encode(), f"{moment}.".encode() + asked.body, hashlib.sha256)
    assert moment == str(int(NOON.timestamp()))
    assert asked.headers["X-Zhibu-Signature"] == f"sha256={signed.hexdigest()}"


def test_query_of_a_link_stays_at_home(cast, site, hook):
    given.told(cast["member"], url="/people/?q=王芳")
    sending.run(NOON)

    assert json.loads(site.asked[0].body)["notices"][0]["url"] == f"{HERE}/people/"


def test_only_kinds_that_were_asked_for_are_sent(cast, site, hook):
    given.told(cast["member"], key="commission:1:given")
    given.told(cast["member"], key="case:2:1")
    sending.run(NOON)

    (asked,) = site.asked
    assert [each["kind"] for each in json.loads(asked.body)["notices"]] == ["case"]


def test_what_comes_while_it_settles_is_one_message(cast, site):
    given.webhook(cast["system admin"], site, rhythm=Rhythm.QUARTER)
    for number in range(3):
        given.told(cast["member"], cast["secretary"], key=f"case:{number}:1")

    sending.run(NOON + timedelta(minutes=14))
    assert site.asked == []
    sending.run(NOON + timedelta(minutes=15))

    (asked,) = site.asked
    assert len(json.loads(asked.body)["notices"]) == 6


def test_killed_after_sending_it_is_sent_again_the_same(cast, site, hook, monkeypatch):
    given.told(cast["member"])

    def die(*args, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_end", die)
        with pytest.raises(KeyboardInterrupt):
            sending.run(NOON)
    assert sending.run(AGAIN) == 1

    first, second = site.asked
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.headers["X-Zhibu-Signature"] != second.headers["X-Zhibu-Signature"]


@pytest.mark.parametrize(
    ("code", "said"),
    [(500, "对方回答 500"), (404, "对方回答 404"), (302, "对方转到别处（302），不跟着去")],
)
def test_anything_but_2xx_is_tried_again(code, said, cast, site, hook):
    site.codes = [code]
    given.told(cast["member"])

    assert sending.run(NOON) == 0
    row = Delivery.objects.get()
    assert (row.state, row.error, row.tries) == (Delivery.State.WAITING, said, 1)
    assert len(site.asked) == 1
    assert sending.run(NOON + timedelta(minutes=5)) == 1

    assert Delivery.objects.get().state == Delivery.State.SENT
    assert [asked.path for asked in site.asked] == ["/hook?token=t1"] * 2


def test_after_days_it_is_given_up_and_the_administrator_told_once_a_day(cast, site, hook):
    site.codes = [500] * 100
    for number in range(3):
        given.told(cast["member"], key=f"case:{number}:1")
        sending.gather(NOON)
    late = NOON + sending.KEEP_TRYING

    for run in range(4):
        sending.send(late + run * timedelta(minutes=1))

    assert {row.state for row in Delivery.objects.all()} == {Delivery.State.GIVEN_UP}
    told = Notice.objects.get(user=cast["system admin"])
    assert told.title == "推送“短信平台”没有发成，不再试了"
    assert told.url == "/notices/outside/"


def test_one_that_fails_is_asked_once_a_run_and_another_is_not_kept_waiting(cast, site, hook):
    given.webhook(cast["system admin"], site)
    site.codes = [500]
    for number in range(3):
        given.told(cast["member"], key=f"case:{number}:1")
        sending.gather(NOON)

    sending.send(NOON)

    assert [row.tries for row in hook.deliveries.order_by("pk")] == [1, 0, 0]
    assert len(site.asked) == 1 + 3


def test_long_queue_of_one_that_is_away_keeps_nobody_else_waiting(
    cast, site, hook, mail_on, monkeypatch
):
    monkeypatch.setattr(sending, "MOST_AT_ONCE", 2)
    site.codes = [500]
    for number in range(4):
        given.told(cast["member"], key=f"case:{number}:1")
        sending.gather(NOON)
    given.wants_mail(cast["secretary"])
    given.told(cast["secretary"], key="commission:1:given")
    sending.gather(NOON + timedelta(minutes=5))

    assert sending.send(NOON + timedelta(minutes=5)) == (1, 1)

    assert len(mail.outbox) == 1


# --- not inside


def networks(settings, *each):
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network(one) for one in each]


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True),
        ("127.0.0.1", False), ("127.9.9.9", False), ("10.0.0.1", False), ("172.16.5.4", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to be refused
        ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1", False), ("fc00::1", False), ("ff02::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True), ("2002:7f00:1::", False),
        ("2001:db8::1", False), ("192.0.2.1", False), ("198.18.0.1", False),
    ],
)  # fmt: skip
def test_only_what_is_in_the_open_may_be_reached(address, may, settings):
    networks(settings)

    assert posting.may_reach(ipaddress.ip_address(address)) is may


def test_network_that_the_settings_name_may_be_reached(settings):
    networks(settings, "10.20.30.0/24")

    assert posting.may_reach(ipaddress.ip_address("10.20.30.7"))
    assert posting.may_reach(ipaddress.ip_address("::ffff:10.20.30.7"))
    assert not posting.may_reach(ipaddress.ip_address("10.20.31.7"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://example.org/x", ""),
        ("https://example.org:8443/x?y=1", ""),
        ("http://127.0.0.1:80/x", ""),
        ("http://example.org/x", "只用 https；http 只能是 127.0.0.1"),
        ("http://localhost/x", "只用 https；http 只能是 127.0.0.1"),
        ("http://127.0.0.1.example.org/x", "只用 https；http 只能是 127.0.0.1"),
        ("ftp://example.org/", "网址要写成 https://域名/…"),
        ("file:///etc/passwd", "网址要写成 https://域名/…"),
        ("example.org", "网址要写成 https://域名/…"),
        ("https://", "网址要写成 https://域名/…"),
        ("https://a:b@example.org/", "网址里不要写用户名、密码和 #"),
        ("https://example.org/#x", "网址里不要写用户名、密码和 #"),
        ("https://example.org:99999/", "网址读不懂"),
        ("https://[::1/", "网址读不懂"),
        ("https://中文.example/", "网址里有空格或中文；中文域名请写成 xn-- 的样子"),
        ("https://example.org/a b", "网址里有空格或中文；中文域名请写成 xn-- 的样子"),
        ("https://example.org/\r\nX: y", "网址里有空格或中文；中文域名请写成 xn-- 的样子"),
    ],
)
def test_address_as_written(address, said):
    assert posting.fault(address) == said


def test_address_is_held_against_the_networks_at_every_send(cast, site, hook, settings):
    networks(settings)
    given.told(cast["member"])

    sending.run(NOON)

    assert site.asked == []
    assert Delivery.objects.get().error.startswith("这个网址在内网")


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], []])
def test_name_that_leads_inside_is_not_asked(answer, monkeypatch, settings):
    networks(settings)
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in answer]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: rows)

    with pytest.raises(posting.NotSent, match="内网"):
        posting.post("https://example.org/", b"{}", {})


def test_connection_goes_to_the_address_that_was_checked(monkeypatch, settings):
    """A name that answers otherwise the second time is not asked a second time."""
    networks(settings)
    asked, connected = [], []

    def resolve(host, *args, **more):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]

    def connect(place, timeout):
        connected.append(place)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(posting.NotSent, match="TimeoutError"):
        posting.post("https://example.org/", b"{}", {})

    assert (asked, connected) == (["example.org"], [("8.8.8.8", 443)])


def test_server_that_speaks_slowly_is_cut_off(settings, monkeypatch):
    networks(settings, "127.0.0.1/32")
    monkeypatch.setattr(posting, "LONGEST_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            line, _ = server.accept()
            with line:
                line.sendall(b"HTTP/1.1 200")
                for _ in range(60):
                    time.sleep(0.05)
                    try:
                        line.sendall(b" ")
                    except OSError:
                        return

        Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(posting.NotSent):
            posting.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})

    assert time.monotonic() - began < 2


def test_proxy_of_the_environment_is_not_asked(cast, site, hook, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    given.told(cast["member"])

    assert sending.run(NOON) == 1


def test_certificate_that_nobody_vouches_for_is_refused(settings, tmp_path):
    networks(settings, "127.0.0.1/32")
    secured = receivers.certificate(tmp_path)
    with receivers.site(secured) as site, pytest.raises(posting.NotSent, match="证书"):
        posting.post(f"https://127.0.0.1:{site.port}/", b"{}", {})

    assert site.asked == []


def test_certificate_of_ones_own_is_taken_where_it_is_named(settings, tmp_path, monkeypatch):
    networks(settings, "127.0.0.1/32")
    secured = receivers.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(secured[0]))
    with receivers.site(secured) as site:
        posting.post(f"https://127.0.0.1:{site.port}/x", b"{}", {})

    assert [asked.path for asked in site.asked] == ["/x"]


def test_long_body_is_not_sent(site):
    with pytest.raises(posting.NotSent, match="太长"):
        posting.post(site.address, b"x" * (posting.MOST_BYTES + 1), {})


def test_fullest_message_is_small(cast, site, hook):
    for number in range(sending.MOST_NOTICES):
        given.told(cast["member"], key="case:" + f"{number}".rjust(114, "7"), url="/" + "x" * 199)
    sending.run(NOON)

    (asked,) = site.asked
    assert len(json.loads(asked.body)["notices"]) == sending.MOST_NOTICES
    assert len(asked.body) < posting.MOST_BYTES


# --- who sets them


@pytest.mark.parametrize(
    "who", ["security admin", "audit admin", "county officer", "secretary", "member"]
)
def test_others_than_the_system_administrator_are_refused(who, cast, site, hook):
    wanted = hooks.Wanted("x", site.address, ["case"], Rhythm.NOW, 8)
    row = Delivery.objects.create(webhook=hook, made_at=NOON, trying_since=NOON, next_at=NOON)
    before = Entry.objects.count()

    for action in (
        lambda: hooks.add(wanted, by=cast[who], at=NOON),
        lambda: hooks.change(hook, wanted, by=cast[who], at=NOON),
        lambda: hooks.renew_secret(hook, by=cast[who], at=NOON),
        lambda: hooks.try_out(hook, by=cast[who], at=NOON),
        lambda: hooks.send_again(row, by=cast[who], at=NOON),
    ):
        with pytest.raises(PermissionDenied):
            action()

    hook.refresh_from_db()
    assert (hook.title, Webhook.objects.count()) == ("短信平台", 1)
    assert (Entry.objects.count(), Delivery.objects.count()) == (before, 1)


def test_everything_is_recorded_and_verifies(cast, site, hook):
    admin = cast["system admin"]
    wanted = hooks.Wanted("新名字", site.address, ["case", "term"], Rhythm.DAILY, 7)
    hooks.change(hook, wanted, by=admin, at=NOON)
    hooks.renew_secret(hook, by=admin, at=NOON)
    hooks.try_out(hook, by=admin, at=NOON)
    Delivery.objects.update(state=Delivery.State.GIVEN_UP, done_at=NOON)
    hooks.send_again(Delivery.objects.get(), by=admin, at=NOON)

    done = Entry.objects.filter(subject_type__startswith="notices.").order_by("pk")
    assert [entry.kind for entry in done] == [
        hooks.Kind.MADE, hooks.Kind.CHANGED, hooks.Kind.NEW_SECRET, hooks.Kind.TRIED,
        hooks.Kind.AGAIN,
    ]  # fmt: skip
    assert verify().faults == []
    Webhook.objects.filter(pk=hook.pk).update(kinds=["feedback"])
    assert [fault.subject for fault in verify().faults] == [f"notices.webhook:{hook.pk}"]


def test_nothing_is_kept_when_recording_fails(cast, site, monkeypatch):
    def fail(*args, **more):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(IntegrityError):
        given.webhook(cast["system admin"], site)

    assert not Webhook.objects.exists()


def test_address_and_secret_are_not_in_the_database_in_plain(cast, site, hook):
    row = Webhook.objects.values().get()

    kept = b"".join(bytes(v) for v in row.values() if isinstance(v, bytes | memoryview))
    assert b"token=t1" not in kept
    assert hook.secret.encode() not in kept
    assert "token" not in hook.host


def test_wrong_address_is_refused(cast):
    wanted = hooks.Wanted("x", "http://10.0.0.1/", ["case"], Rhythm.NOW, 8)

    with pytest.raises(Refused, match="只用 https"):
        hooks.add(wanted, by=cast["system admin"], at=NOON)


def test_stopped_one_is_sent_nothing_and_what_it_gathered_is_dropped(cast, site):
    admin = cast["system admin"]
    hook = given.webhook(admin, site, rhythm=Rhythm.HOUR)
    given.told(cast["member"])
    given.told(cast["member"], key="case:8:1")
    wanted = hooks.Wanted("x", site.address, ["case"], Rhythm.NOW, 8, is_active=False)
    hooks.change(hook, wanted, by=admin, at=NOON)
    given.told(cast["member"], key="case:9:1")

    sending.run(NOON + timedelta(days=1))

    assert (site.asked, Outgoing.objects.count()) == ([], 0)


def test_trial_arrives_and_holds_nothing(cast, site, hook):
    hooks.try_out(hook, by=cast["system admin"], at=NOON)
    sending.run(NOON)

    (asked,) = site.asked
    body = json.loads(asked.body)
    assert (body["purpose"], body["notices"]) == ("trial", [])


def test_sending_again_keeps_the_id(cast, site, hook):
    site.codes = [500]
    given.told(cast["member"])
    sending.gather(NOON)
    sending.send(NOON + sending.KEEP_TRYING)
    row = Delivery.objects.get()
    assert row.state == Delivery.State.GIVEN_UP

    again = NOON + sending.KEEP_TRYING + timedelta(hours=1)
    assert hooks.send_again(None, by=cast["system admin"], at=again) == 1
    sending.send(again)

    first, second = site.asked
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == str(row.key)
    with pytest.raises(Refused, match="没有要再发的"):
        hooks.send_again(row, by=cast["system admin"], at=again)


def test_there_are_not_too_many(cast, site, monkeypatch):
    monkeypatch.setattr(hooks, "MOST_HOOKS", 1)
    given.webhook(cast["system admin"], site)

    with pytest.raises(Refused, match="最多 1 个"):
        given.webhook(cast["system admin"], site)


# --- kinds


def test_every_key_that_is_sent_belongs_to_a_registered_kind():
    import re
    from pathlib import Path

    import zhibu

    sent = set()
    for path in Path(zhibu.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        if "notify(" in text:
            sent |= set(re.findall(r'key=f?"([a-z-]+):', text))

    assert sent == set(kinds.known())


def test_words_of_kinds_name_nobody_and_differ():
    words = list(kinds.known().values())

    assert len(set(words)) == len(words)
    assert kinds.words("nobody-registered-this") == kinds.UNNAMED
    assert kinds.of("case:12:3") == "case"
