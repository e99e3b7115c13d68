"""Proving that nothing was altered, from the console."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhibu.cli.console import DONE, FAULTS, endings, open_installation, say, say_json

if TYPE_CHECKING:
    from zhibu.ledger.verify import Report

SHOWN = 50


def verify(*, as_json: bool, published: Path | None = None) -> int:
    """Check ledger, records, files and what was sent out; 0 where everything is as recorded,
    1 otherwise."""
    open_installation()
    with endings():
        report = checked(published)
    if as_json:
        say_json(as_dict(report))
    else:
        _say(report)
    return DONE if report.ok else FAULTS


def checked(published: Path | None = None) -> "Report":
    """One report over one moment of the database, over the files on disk, and over the heads
    that were sent out (also those that somebody else kept in ``published``)."""
    from zhibu.core.snapshot import reading
    from zhibu.files import queries as files
    from zhibu.ledger import outside
    from zhibu.ledger.verify import verify as check

    with reading():
        report = check()
        for damage in files.damages():
            report.add(damage.kind, damage.subject, damage.detail)
        outside.compare(report, published)
    return report


def as_dict(report: "Report") -> dict[str, Any]:
    from zhibu.ledger import protection

    oldest = report.oldest_unsealed_at
    return {
        "format": 1,
        "ok": report.ok,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "oldest_unsealed_at": oldest.isoformat() if oldest else None,
        "erased": report.erased,
        "heads": report.heads,
        "unsigned_heads": report.unsigned,
        "notes": report.notes,
        "protected": protection.tables(),
        "faults": [
            {"kind": fault.kind, "subject": fault.subject, "detail": fault.detail}
            for fault in report.faults
        ],
    }


def _say(report: "Report") -> None:
    say(f"已封存 {report.sealed} 条，等封存 {report.unsealed} 条，核对记录 {report.records} 条。")
    if report.unsigned:
        say(f"{report.heads} 个封存头里，{report.unsigned} 个没有签名：封存时还没有签名密钥。")
    for note in report.notes:
        say(note)
    if report.erased:
        say(f"依规定删除 {report.erased} 条。")
    for fault in report.faults[:SHOWN]:
        say(f"  {fault.subject}：{fault.detail}（{fault.kind}）")
    if len(report.faults) > SHOWN:
        say(f"  还有 {len(report.faults) - SHOWN} 处，用 --json 看全部。")
    say("没有发现改动。" if report.ok else f"有 {len(report.faults)} 处与存证不符。")
