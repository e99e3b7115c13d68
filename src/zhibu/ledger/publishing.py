"""The day's head, sent out: to a folder here, to a folder elsewhere, by mail.

Whoever keeps what was sent can hold the ledger against it at any time, whatever happens to
the database. The level above is one of these: a folder that is copied to it, or its address.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from zhibu.core import jobs, mail
from zhibu.ledger import merkle, outside, proofs, signing
from zhibu.ledger.models import Head, Publication, Way

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=6)

Place = tuple[Way, str]


def places() -> list[Place]:
    """Where heads go, by the settings; the folder of this installation always."""
    found: list[Place] = [(Way.FILE, str(settings.PUBLISHED_PATH))]
    if settings.PUBLISH_FOLDER:
        found.append((Way.FILE, settings.PUBLISH_FOLDER))
    return found + [(Way.MAIL, address) for address in settings.PUBLISH_ADDRESSES]


# --- what is sent


def statement(head: Head) -> str:
    """The head with the keys, and the proof that it grew out of the one sent out before.

    Signed as a whole where there is a key. The same head gives the same text.
    """
    keys = signing.held()
    before = _sent_before(head)
    first = Head.objects.order_by("number").first()
    body: dict[str, Any] = {
        "format": proofs.FORMAT,
        "what": outside.STATEMENT,
        "ledger": bytes(first.digest).hex() if first else "",
        "address": settings.ADDRESS,
        "day": timezone.localtime(head.at).date().isoformat(),
        "head": head.as_dict(),
        "after": proofs.growth(before, head) if before else None,
        "losses": outside.losses(),
        "keys": [key.as_dict() for key in keys.public.values()] if keys else [],
        "key_id": keys.current.id if keys else "",
    }
    signature = keys.sign(signing.STATEMENT + merkle.canonical(body)) if keys else b""
    return proofs.as_text({**body, "signature": signature.hex()})


def _sent_before(head: Head) -> Head | None:
    asked = Publication.objects.filter(head__lt=head.number).values("head")
    return Head.objects.filter(number__in=asked).order_by("-number").first()


def name_of(text: str) -> str:
    """The file's name: day, number and the beginning of the digest."""
    body = json.loads(text)
    return f"{body['day']}-{body['head']['number']:08}-{body['head']['digest'][:8]}.json"


# --- when


def due(at: datetime) -> Head | None:
    """The last head of the days before; the current day's is sent when it is over."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return Head.objects.filter(at__lt=midnight).order_by("-number").first()


@transaction.atomic
def ask(head: Head, at: datetime) -> int:
    """See that ``head`` will be sent to every place; how many are new. Safe to do twice."""
    rows = [
        Publication(head=head, way=way, place=place, asked_at=at, next_at=at)
        for way, place in places()
    ]
    before = Publication.objects.filter(head=head).count()
    Publication.objects.bulk_create(rows, ignore_conflicts=True)
    return Publication.objects.filter(head=head).count() - before


def send(at: datetime, *, at_once: bool = False) -> tuple[int, int]:
    """Try what waits: how many were sent, how many were not. Sent before it is noted.

    Places that are no longer in the settings are left alone.
    """
    waiting = Publication.objects.filter(done_at=None).select_related("head").order_by("pk")
    if not at_once:
        waiting = waiting.filter(next_at__lte=at)
    known, sent, failed = set(places()), 0, 0
    for row in waiting:
        if (row.way, row.place) not in known:
            continue
        error = _tried(row)
        sent, failed = sent + (not error), failed + bool(error)
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
        row.tries, row.error = row.tries + 1, error[:200]
        row.done_at, row.next_at = (None, at + wait) if error else (at, at)
        row.save(update_fields=["tries", "error", "done_at", "next_at"])
    return sent, failed


def _tried(row: Publication) -> str:
    """Send one; why not, or ""."""
    text = statement(row.head)
    try:
        if row.way == Way.FILE:
            outside.put(Path(row.place), name_of(text), text)
        else:
            _mail(row.place, text)
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        return f"{type(error).__name__}：{error}"
    return ""


def _mail(address: str, text: str) -> None:
    body = json.loads(text)
    head = body["head"]
    said = (
        f"{body['day']} 的封存头，第 {head['number']} 个，封存了 {head['size']} 行。\n"
        f"摘要：{head['digest']}\n签名密钥：{head['key_id'] or '没有签名'}\n\n"
        "请把附件原样存好。以后谁说这一天以前的记录没有改过，可以拿它来对，\n"
        "怎么对见平台随带的 docs/proofs.md。这封信由程序寄出，不用回。\n"
    )
    message = EmailMessage(
        f"封存头 {body['day']} 第 {head['number']} 个",
        said,
        settings.MAIL_FROM,
        [address],
        connection=mail.connection(),
    )
    message.attach(name_of(text), text, "application/json")
    message.send()


# --- how it stands


@dataclass(frozen=True, slots=True)
class Standing:
    """A place, the last head that got there, and the oldest that waits after a failure."""

    title: str
    place: str
    last: Publication | None
    waiting: Publication | None


def standing() -> list[Standing]:
    """How it stands with each place of the settings. Two queries a place."""
    found = []
    for number, (way, place) in enumerate(places()):
        rows = Publication.objects.filter(way=way, place=place)
        title = "本机留底" if number == 0 else way.label
        last = rows.exclude(done_at=None).order_by("-head").first()
        waiting = rows.filter(done_at=None, tries__gt=0).order_by("head").first()
        found.append(Standing(title, place, last, waiting))
    return found


@jobs.every("*/10 * * * *", name="ledger.publish")
def publish(at: datetime) -> int:
    """Send out the last head of the day before, and try again what did not get through."""
    head = due(at)
    if head is not None:
        ask(head, at)
    sent, _ = send(at)
    return sent
