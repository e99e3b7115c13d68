"""The demo county: built once into a folder of its own, then served."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zhibu.cli import installing, serving
from zhibu.cli.console import DONE, REFUSED, Ended, endings, environment, noted, say, usage

SMALL, COUNTY = "small", "county"
SIZES = {SMALL: "小县", COUNTY: "全县一年"}
TAKES = {SMALL: "不到一分钟", COUNTY: "要几分钟"}
BAR = 30


def demo(*, place: str, size: str, serves: bool, host: str, port: int) -> int:
    """Build the demo unless it is there, say who can sign in, and serve it."""
    os.environ.setdefault("ZHIBU_HOME", str(Path(".demo").absolute()))
    if serves:
        serving.refuse_taken_port(host, port)
    marker = environment().home / "demo.json"
    _clear_half_built(marker)
    installing.make_home(marker.parent, is_demo=True)
    with endings(), noted("demo"):
        installing.migrate()
        installing.ensure_ledger_key()
        installing.collect_static()
        if not marker.exists():
            _build(place, size, marker)
    built = json.loads(marker.read_text("utf-8"))
    there = built.get("size", SMALL)
    if (built["place"], there) != (place, size):
        raise Ended(
            REFUSED,
            f"{marker.parent} 里已经有 {built['place']} 的演示（{SIZES[there]}）。"
            "换地方请先删掉这个目录，或用 ZHIBU_HOME 换一个。",
        )
    _say_accounts(built["accounts"])
    return serving.run(host=host, port=port) if serves else DONE


def _build(place: str, size: str, marker: Path) -> None:
    from django.utils import timezone

    from zhibu.accounts import actions as accounts
    from zhibu.cli import demo_county, demo_roster

    began = time.monotonic()
    say(f"正在建演示数据（{SIZES[size]}），{TAKES[size]}……")
    at = timezone.now()
    system = accounts.ensure_system_account(at)
    try:
        made = demo_county.build(
            place=place, is_whole=size == COUNTY, by=system, at=at, say=_progress()
        )
    except demo_roster.UnknownPlace as error:
        usage(str(error))
    found = [
        {"username": a.username, "password": a.password, "name": a.name, "post": a.post}
        for a in made
    ]
    text = json.dumps(
        {"format": 1, "place": place, "size": size, "accounts": found}, ensure_ascii=False
    )
    marker.write_text(text, "utf-8")
    say(f"建好了，用了 {time.monotonic() - began:.0f} 秒。")


def _progress() -> Callable[[str, int, int], None]:
    """A bar for each stage on a terminal; elsewhere a line as each begins."""
    shown: list[tuple[str, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        filled = min(BAR, done * BAR // max(total, 1))
        if (what, filled) in shown:
            return
        is_next = bool(shown) and shown[-1][0] != what
        shown.append((what, filled))
        if sys.stdout.isatty():
            sys.stdout.write("\n" if is_next else "\r")
            sys.stdout.write(
                f"  {what}　{'█' * filled}{'░' * (BAR - filled)} {done * 100 // max(total, 1)}%"
            )
            sys.stdout.flush()
        elif is_next or len(shown) == 1:
            say(f"  {what}……")

    return tell


def _clear_half_built(marker: Path) -> None:
    """Begin again where a demo broke off: only ever a folder whose key ring says demo."""
    ring = marker.parent / "keys" / "keyring.json"
    if marker.exists() or not ring.exists() or not json.loads(ring.read_text("utf-8"))["demo"]:
        return
    if not environment().database:
        shutil.rmtree(marker.parent)


def _say_accounts(accounts: list[dict[str, Any]]) -> None:
    say("演示数据，纯属虚构。可以这样登录：")
    for account in accounts:
        say(
            f"  {account['post']}　{account['name']}"
            f"　登录名 {account['username']}　密码 {account['password']}"
        )
