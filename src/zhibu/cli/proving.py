"""Proofs for others and heads sent out, from the console."""

from pathlib import Path
from typing import Any

from zhibu.cli.console import BROKEN, DONE, FAULTS, USAGE, Ended, endings, open_installation, say


def proof(
    record: str, *, heads: tuple[int, int] | None, with_record: bool, out: Path | None
) -> int:
    """Write one proof; nothing is changed.

    Raises:
        Ended: asked for neither or both, no such record or head, or nothing to prove yet.
    """
    if bool(record) == bool(heads):
        raise Ended(USAGE, "写明种类:编号，或者用 --heads 写两个封存头的号，两样里写一样。")
    open_installation()
    from zhibu.ledger import proofs

    try:
        with endings():
            made = _growth(*heads) if heads else _of_record(record, with_record=with_record)
    except proofs.NoProof as error:
        raise Ended(FAULTS, f"开不出证明：{error}。") from error
    text = proofs.as_text(made)
    if out is None:
        say(text.rstrip())
        return DONE
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Ended(USAGE, f"{out} 已经有了，不覆盖。请换一个名字。") from error
    except OSError as error:
        raise Ended(BROKEN, f"写不了 {out}：{error.strerror}。") from error
    say(f"证明写好了：{out}。核对：python tools/check_proof.py {out}")
    return DONE


def _of_record(record: str, *, with_record: bool) -> dict[str, Any]:
    from zhibu.ledger import proofs, protection

    name, _, number = record.partition(":")
    known = [each.name for each in protection.protections()]
    if name not in known or not number.isdecimal():
        raise Ended(USAGE, f"“{record}”要写成 种类:编号，种类有：{'、'.join(known)}。")
    return proofs.of_record(name, int(number), with_content=with_record)


def _growth(old: int, new: int) -> dict[str, Any]:
    from zhibu.ledger import proofs
    from zhibu.ledger.models import Head

    found = Head.objects.in_bulk([old, new])
    missing = [str(number) for number in (old, new) if number not in found]
    if missing or old >= new:
        last = Head.objects.order_by("-number").first()
        raise Ended(
            USAGE, f"两个封存头的号要先旧后新，现在有第 1 到 {last.number if last else 0} 个。"
        )
    return proofs.between(found[old], found[new])


def publish() -> int:
    """Send out the newest head now, and whatever did not get through."""
    open_installation()
    from django.utils import timezone

    from zhibu.ledger import publishing
    from zhibu.ledger.models import Head, Publication

    at = timezone.now()
    with endings():
        head = Head.objects.order_by("-number").first()
        if head is None:
            raise Ended(FAULTS, "还没有封存头。开着网站，后台每分钟封存一次。")
        publishing.ask(head, at)
        sent, failed = publishing.send(at, at_once=True)
        say(f"第 {head.number} 个封存头，封存了 {head.size} 行，摘要 {bytes(head.digest).hex()}")
        for row in Publication.objects.filter(head=head).order_by("pk"):
            ending = "好了" if row.done_at else f"没成：{row.error}"
            say(f"  {row.get_way_display()} {row.place}　{ending}")
    say(f"这次送出 {sent} 份，没送到 {failed} 份。" + ("没送到的后台会再送。" if failed else ""))
    return FAULTS if failed else DONE
