"""What leaves the platform: fixed words, numbers and links; no names, no text of records.

The same delivery gives the same message at every try, but for the time it is signed at.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from zhibu.core.excel import DEMO_LINE
from zhibu.notices import kinds
from zhibu.notices.models import Delivery, Notice, Preference

FORMAT = 1


def message_id(delivery: Delivery) -> str:
    """The name of a mail: made of the delivery's key and our own domain."""
    domain = urlsplit(settings.ADDRESS).hostname or settings.MAIL_FROM.rpartition("@")[2]
    return f"<{delivery.key.hex}@{domain}>"


def digest_mail(delivery: Delivery, notices: Sequence[Notice], address: str) -> EmailMessage:
    """What there is, counted by kind, and one link to where it can be read."""
    said = Counter(kinds.words(kinds.of(notice.key)) for notice in notices)
    lines = [words if n == 1 else f"{words}（{n} 条）" for words, n in said.items()]
    subject = lines[0] if len(lines) == 1 else f"您有 {len(notices)} 条新消息"
    link = settings.ADDRESS + reverse("notices:list")
    text = "\n".join(
        [
            *lines,
            "",
            f"登录后在“消息”里看：{link}",
            "",
            "这封信由程序寄出，不用回。不想再收，在“消息”里点“怎么通知我”。",
        ]
    )
    return _mail(delivery, subject, text, address)


def code_mail(delivery: Delivery, preference: Preference) -> EmailMessage:
    code = preference.code
    link = f"{settings.ADDRESS}{reverse('notices:confirm')}?code={code}"
    text = (
        f"确认码：{code}\n\n登录后打开这个网址，点“确认”：{link}\n\n"
        "一天内有效。不是您填的，不用管，不会再寄。\n"
    )
    return _mail(delivery, "请确认这个邮箱", text, preference.address)


def _mail(delivery: Delivery, subject: str, text: str, address: str) -> EmailMessage:
    demo = f"\n{DEMO_LINE}\n" if settings.IS_DEMO else ""
    return EmailMessage(
        f"支部：{subject}",
        text + demo,
        settings.MAIL_FROM,
        [address],
        headers={
            "Message-ID": message_id(delivery),
            "X-Zhibu-Message-Id": str(delivery.key),
            "Auto-Submitted": "auto-generated",
        },
    )


def payload(delivery: Delivery, notices: Sequence[Notice]) -> bytes:
    """The body for a webhook: what kind, for which account, where it can be read."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "id": str(delivery.key),
        "purpose": delivery.purpose,
        "demo": settings.IS_DEMO,
        "notices": [
            {
                "key": notice.key,
                "kind": kinds.of(notice.key),
                "title": kinds.words(kinds.of(notice.key)),
                "user": notice.user_id,
                "url": settings.ADDRESS + urlsplit(notice.url).path if notice.url else "",
                "at": notice.at.isoformat(),
            }
            for notice in notices
        ],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def headers(delivery: Delivery, body: bytes, secret: str, at: datetime) -> dict[str, str]:
    """Who it is from and which one it is; signed with the time, so that it cannot be kept
    and sent again later by somebody else."""
    moment = str(int(at.timestamp()))
    signed = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256)
    return {
        "X-Zhibu-Message-Id": str(delivery.key),
        "Idempotency-Key": str(delivery.key),
        "X-Zhibu-Timestamp": moment,
        "X-Zhibu-Signature": f"sha256={signed.hexdigest()}",
    }
