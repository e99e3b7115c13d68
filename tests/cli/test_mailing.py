"""Trying the mail server, through the real command and a mail server on this machine."""

import pytest

from tests.conftest import NOON
from tests.notices import receivers
from zhibu.cli import doctoring
from zhibu.notices.models import Delivery

TO = "wang@example.org"


def test_mail_is_sent_and_what_else_is_missing_is_said(home):
    with receivers.mailbox() as box:
        code, out, errors = home.run(
            "check-mail", TO, ZHIBU_MAIL_SERVER=f"smtp://127.0.0.1:{box.port}",
            ZHIBU_MAIL_FROM="zhibu@example.org",
        )  # fmt: skip

    assert (code, box.to) == (0, [TO]), errors
    assert "发信服务器收下了" in out
    assert "请系统管理员在服务器上设好 ZHIBU_ADDRESS" in out


@pytest.mark.parametrize(
    ("to", "more", "code", "said"),
    [
        (TO, {}, 1, "没有设 ZHIBU_MAIL_SERVER 和 ZHIBU_MAIL_FROM"),
        (
            TO,
            {"ZHIBU_MAIL_SERVER": "smtp://127.0.0.1:1", "ZHIBU_MAIL_FROM": "z@example.org"},
            1,
            "没有发成：ConnectionRefusedError",
        ),
        ("nobody", {}, 2, "“nobody”不是邮箱地址"),
    ],
)
def test_what_is_wrong_is_said(to, more, code, said, home):
    found, _, errors = home.run("check-mail", to, **more)

    assert (found, said in errors) == (code, True)


@pytest.mark.parametrize(
    ("state", "done_at", "found"),
    [("given-up", NOON, "warning"), ("sent", NOON, "ok"), ("waiting", None, "warning")],
)
def test_doctor_tells_of_what_does_not_go_out(state, done_at, found, system):
    Delivery.objects.create(
        user=system, state=state, done_at=done_at, made_at=NOON, trying_since=NOON, next_at=NOON
    )

    looked = doctoring._deliveries(NOON + doctoring.STUCK_FOR * 2)

    assert looked.state == found
    assert bool(looked.remedy) == (found == "warning")
