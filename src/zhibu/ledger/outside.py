"""What was said outside the database, and the database held against it.

``ZHIBU_HOME/published`` keeps every head that was sent out, the newest head that was ever
sealed here (``newest.json``), and losses that somebody has owned up to. It is in no backup:
a database put back to an earlier day meets it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from zhibu.ledger import merkle, signing
from zhibu.ledger.models import Head
from zhibu.ledger.signing import PublicKey
from zhibu.ledger.verify import Report

FORMAT = 1
STATEMENT, WITNESS, LOSS = "zhibu-head", "zhibu-newest", "zhibu-loss"
NEWEST = "newest.json"
OLDER, REWRITTEN, DAMAGED = "database-older", "head-rewritten", "published-altered"


@dataclass(frozen=True, slots=True)
class Seen:
    """A head as somebody outside has it."""

    number: int
    digest: str
    at: str
    place: str

    @property
    def day(self) -> str:
        return self.at[:10]


# --- writing


def put(folder: Path, name: str, text: str) -> None:
    """A file that is whole and on disk, or not there; the same again changes nothing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    is_own = folder == Path(settings.PUBLISHED_PATH)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if is_own else 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / name)


def witness() -> None:
    """Keep the newest head outside the database; never in place of one that it lost."""
    head = Head.objects.order_by("-number").first()
    path = Path(settings.PUBLISHED_PATH) / NEWEST
    if head is None:
        return
    if path.exists():
        kept = json.loads(path.read_text("utf-8"))["head"]
        if kept["digest"] == bytes(head.digest).hex() or not _is_here(kept):
            return
    _put_newest(head)


def _put_newest(head: Head) -> None:
    body = {"format": FORMAT, "what": WITNESS, "head": head.as_dict()}
    put(Path(settings.PUBLISHED_PATH), NEWEST, json.dumps(body, indent=1))


def _is_here(kept: Mapping[str, Any]) -> bool:
    rows = Head.objects.filter(number=kept["number"])
    return any(
        bytes(each).hex() == kept["digest"] for each in rows.values_list("digest", flat=True)
    )


# --- reading


def _documents(place: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Name and content of the files at ``place`` (a folder or one file), None where damaged."""
    files = sorted(place.glob("*.json")) if place.is_dir() else [place] if place.exists() else []
    for file in files:
        try:
            body = json.loads(file.read_text("utf-8"))
            yield file.name, body if isinstance(body, dict) else None
        except (ValueError, OSError):
            yield file.name, None


def _own() -> list[tuple[str, dict[str, Any] | None]]:
    return list(_documents(Path(settings.PUBLISHED_PATH)))


def keys_seen() -> dict[str, PublicKey]:
    """Public keys as they were sent out, oldest first: what is left when the key is lost."""
    found: dict[str, PublicKey] = {}
    for _, body in _own():
        for raw in (body or {}).get("keys", []):
            key = PublicKey.of(raw)
            found.setdefault(key.id, key)
    return dict(sorted(found.items(), key=lambda item: item[1].since))


def _known_keys() -> dict[str, PublicKey]:
    try:
        keys = signing.held()
    except signing.KeyUnreadable:
        keys = None
    return keys.public if keys else keys_seen()


def _is_genuine(body: dict[str, Any], keys: Mapping[str, PublicKey]) -> bool:
    """Whether a statement was signed with a key of ours, or is from before there was one."""
    signature = bytes.fromhex(str(body.get("signature", "")))
    signed = {name: value for name, value in body.items() if name != "signature"}
    key = keys.get(str(body.get("key_id", "")))
    if key is None:
        return not body.get("key_id") and not signature
    return key.signed(signature, signing.STATEMENT + merkle.canonical(signed))


def losses() -> list[dict[str, Any]]:
    """Losses that were owned up to, by the signed files that say so."""
    keys, found = _known_keys(), []
    for _, body in _own():
        if body and body.get("what") == LOSS and _is_genuine(body, keys):
            found.append(body)
    return found


def seen(report: Report, extra: Path | None = None) -> list[Seen]:
    """Every head anybody outside was told of; a statement nobody signed is a fault."""
    places = [Path(settings.PUBLISHED_PATH)]
    places += [Path(settings.PUBLISH_FOLDER)] if settings.PUBLISH_FOLDER else []
    places += [extra] if extra else []
    keys, found = _known_keys(), []
    for place in places:
        for name, body in _documents(place):
            try:
                if body is None or not _is_whole(body, keys):
                    report.add(DAMAGED, f"{place / name}", "公布的文件读不出来，或者被改过")
                elif body["what"] in (STATEMENT, WITNESS):
                    head = body["head"]
                    found.append(Seen(head["number"], head["digest"], head["at"], str(place)))
            except (KeyError, ValueError, TypeError, AttributeError):
                report.add(DAMAGED, f"{place / name}", "公布的文件读不出来，或者被改过")
    return found


def _is_whole(body: dict[str, Any], keys: Mapping[str, PublicKey]) -> bool:
    if body.get("what") not in (STATEMENT, WITNESS, LOSS):
        return True  # somebody else's file
    if body["what"] != LOSS and not _fits(body["head"]):
        return False
    return body["what"] == WITNESS or _is_genuine(body, keys)


def _fits(head: Mapping[str, Any]) -> bool:
    """Whether a head as sent out has the digest it claims."""
    names = ("format", "algorithm", "key_id", "number", "size", "root", "previous", "at")
    return bool(merkle.head([head[n] for n in names], head["algorithm"]).hex() == head["digest"])


# --- holding the database against it


def compare(report: Report, extra: Path | None = None) -> None:
    """Name every head that was sent out and is not in the database.

    ``extra``: a folder or a file with heads that somebody else kept.
    """
    missing = _missing(seen(report, extra))
    newest = Head.objects.order_by("-number").first()
    last = newest.number if newest else 0
    for loss in losses():
        report.notes.append(
            f"{loss['at'][:10]} 承认过数据变旧：第 {loss['kept'] + 1} 到 {loss['lost']} 个"
            f"封存头不在现在的数据里。原因：{loss['reason']}"
        )
    gone = [each for each in missing if each.number > last]
    if gone:
        worst = max(gone, key=lambda each: each.number)
        upto = f"只到第 {last} 个（{newest.at:%Y-%m-%d}）" if newest else "一个也没有"
        report.add(
            OLDER,
            f"ledger.head:{worst.number}",
            f"{worst.day} 封存过第 {worst.number} 个封存头，数据库{upto}："
            "数据库比公布过的旧，后面的数据不见了。有更新的备份就换上；"
            "没有了，运行 zhibu accept-older --reason 原因，承认并公布",
        )
    for each in {each.number: each for each in missing if each.number <= last}.values():
        report.add(
            REWRITTEN,
            f"ledger.head:{each.number}",
            f"{each.day} 公布的第 {each.number} 个封存头不是现在这个：后来重写过，或换过数据库",
        )


def _missing(known: list[Seen]) -> list[Seen]:
    numbers = sorted({each.number for each in known})
    here: set[tuple[int, str]] = set()
    for start in range(0, len(numbers), 500):
        rows = Head.objects.filter(number__in=numbers[start : start + 500])
        here |= {(n, bytes(d).hex()) for n, d in rows.values_list("number", "digest")}
    owned = losses()
    return [
        each
        for each in known
        if (each.number, each.digest) not in here and not any(_covers(loss, each) for loss in owned)
    ]


def _covers(loss: Mapping[str, Any], each: Seen) -> bool:
    return bool(loss["kept"] < each.number <= loss["lost"] and each.at <= loss["at"])


def is_older() -> str:
    """Why this database must not be worked on, or ""."""
    report = Report()
    compare(report)
    found = [fault.detail for fault in report.faults if fault.kind in (OLDER, REWRITTEN)]
    return found[0] if found else ""


def accept(reason: str, at: datetime) -> int:
    """Own up that the database is older than what was sent out; how many heads are lost.

    The statement is signed, stays beside the published heads and goes out with every later
    one. Nothing is deleted.
    """
    missing = _missing(seen(Report()))
    if not missing:
        return 0
    newest = Head.objects.order_by("-number").first()
    kept = min(min(each.number for each in missing) - 1, newest.number if newest else 0)
    keys = signing.held()
    body: dict[str, Any] = {
        "format": FORMAT,
        "what": LOSS,
        "at": merkle.moment(at),
        "kept": kept,
        "lost": max(each.number for each in missing),
        "reason": reason,
        "key_id": keys.current.id if keys else "",
    }
    signature = keys.sign(signing.STATEMENT + merkle.canonical(body)) if keys else b""
    text = json.dumps({**body, "signature": signature.hex()}, ensure_ascii=False, indent=1)
    put(Path(settings.PUBLISHED_PATH), f"loss-{at:%Y%m%d%H%M%S}.json", text)
    if newest is not None:
        _put_newest(newest)
    else:
        (Path(settings.PUBLISHED_PATH) / NEWEST).unlink(missing_ok=True)
    return int(body["lost"]) - kept
