"""The seeded demo behind the real server, and Chromium in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

import zhibu
from tests.browser.seed import NOON
from tests.clocks import shifted
from tests.servers import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = Path(zhibu.__file__).parent.parent
UP_WITHIN = 90
MAIL = {  # set up, so that pages offer it; nothing is ready to be sent
    "ZHIBU_MAIL_SERVER": "smtp://127.0.0.1:1",
    "ZHIBU_MAIL_FROM": "zhibu@mail.example",
    "ZHIBU_ADDRESS": "https://zhibu.example",
}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
SCREENS = {"phone": PHONE, "desk": DESK}


@dataclass
class Served:
    """The site's address, what is in it, and the cookies of whoever has signed in."""

    base: str
    facts: dict[str, Any]
    cookies: dict[str, Any] = field(default_factory=dict)

    def username(self, role: str) -> str:
        found: str = self.facts["accounts"][role]["username"]
        return found


def _environment(home: Path) -> dict[str, str]:
    """What the site's processes run with: its folder, and the seed's day."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBU_")}
    return {**kept, **shifted(NOON, SOURCE), **MAIL, "ZHIBU_HOME": str(home)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _is_up(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/health/ready", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait_up(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + UP_WITHIN
    while not _is_up(base):
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"网站没有起来：\n{log.read_text('utf-8')}")
        time.sleep(0.2)


@contextmanager
def served() -> Iterator[Served]:
    """The demo in a folder of its own, served until the block ends.

    Pages and worker believe that this began at noon of the seed's day.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhibu-browser-"))
    home, log = folder / "home", folder / "log"
    environment = _environment(home)
    try:
        subprocess.run(
            [sys.executable, "-m", "tests.browser.seed"],
            env=environment, cwd=ROOT, check=True, timeout=240,
        )  # fmt: skip
        port = _free_port()
        base = f"http://127.0.0.1:{port}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "zhibu.cli", "demo", "--port", str(port)],
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_up(base, process, log)
            yield Served(base, json.loads((home / "facts.json").read_text("utf-8")))
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


def signed_in(
    browser: Browser, site: Served, role: str, *, screen: str = "phone", **more: Any
) -> BrowserContext:
    """A window signed in as ``role`` ("" signed out); signs in once a role, by the form."""
    context = browser.new_context(
        base_url=site.base,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        storage_state=site.cookies.get(role) if role else None,
        **{**SCREENS[screen], **more},
    )
    context.set_default_timeout(15_000)
    if role and role not in site.cookies:
        page = context.new_page()
        sign_in(page, site, role)
        page.close()
        site.cookies[role] = context.storage_state()
    return context


def sign_in(page: Any, site: Served, role: str) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("登录名").fill(site.username(role))
    page.get_by_label("密码").fill(site.facts["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/accounts/sign-in/" not in url)
