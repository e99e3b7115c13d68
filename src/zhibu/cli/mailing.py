"""Trying the mail server of the settings from the console."""

import re

from zhibu.cli.console import DONE, FAULTS, USAGE, Ended, open_program, say


def check_mail(address: str) -> int:
    """Send one mail now and say where it went wrong; nothing is kept.

    Raises:
        Ended: no mail address, mail is not set up, or the server did not take it.
    """
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise Ended(USAGE, f"“{address}”不是邮箱地址。")
    open_program()
    from django.conf import settings
    from django.core.mail import EmailMessage

    from zhibu.core import mail
    from zhibu.notices import rules

    if not mail.is_set_up():
        raise Ended(FAULTS, "没有设 ZHIBU_MAIL_SERVER 和 ZHIBU_MAIL_FROM，怎么写见 .env.example。")
    message = EmailMessage(
        "支部：试发",
        "收到这封信，说明发信服务器设好了。这封信由程序寄出，不用回。\n",
        settings.MAIL_FROM,
        [address],
        connection=mail.connection(),
    )
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        raise Ended(
            FAULTS,
            f"没有发成：{type(error).__name__}：{error}\n"
            "看 ZHIBU_MAIL_SERVER 的主机和端口，密码在不在 ZHIBU_HOME/keys/mail-password，"
            "发信人能不能用。",
        ) from error
    say(f"发信服务器收下了，请到 {address} 看有没有收到。")
    if missing := rules.may_choose_mail().reason:
        say(missing)
    return DONE
