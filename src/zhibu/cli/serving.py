"""The web server and the background worker under one command."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from zhibu.cli.console import BROKEN, DONE, Ended, endings, open_installation, say

WORKERS = 2
KILL_AFTER = 15
GIVE_UP_AFTER = 3
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def serve(*, host: str, port: int) -> int:
    """Serve a real installation.

    Raises:
        Ended: it is not fit to be served; every reason is listed.
    """
    open_installation()
    from zhibu.cli.installing import ensure_ledger_key

    with endings():
        if ensure_ledger_key():
            say("给封存头签名的密钥刚生成。请运行 zhibu recovery-sheet 打印新的恢复单。")
        found = reasons_against()
    if found:
        lines = "\n".join(f"  {number}. {reason}" for number, reason in enumerate(found, 1))
        raise Ended(BROKEN, f"不能开网站，有 {len(found)} 处要先改：\n{lines}")
    refuse_taken_port(host, port)
    from zhibu.cli.installing import collect_static

    collect_static()
    return run(host=host, port=port)


def reasons_against() -> list[str]:
    """Why this installation must not be opened to people; [] where it may."""
    from django.conf import settings

    from zhibu.accounts.models import User
    from zhibu.ledger import outside

    found = []
    if settings.IS_DEMO:
        found.append("密钥是演示用的。正式使用请另装：用 ZHIBU_HOME 换个目录，运行 zhibu init。")
    elif settings.KEYS_PATH.stat().st_mode & 0o077:
        found.append(f"密钥文件别人也能读。请运行 chmod 600 {settings.KEYS_PATH}。")
    key = Path(settings.LEDGER_KEY_PATH)
    if key.exists() and key.stat().st_mode & 0o077:
        found.append(f"签名密钥文件别人也能读。请运行 chmod 600 {key}。")
    if older := outside.is_older():
        found.append(f"{older}。")
    if settings.DEBUG:
        found.append("ZHIBU_DEBUG 开着，出错时会露出数据。请去掉。")
    if "*" in settings.ALLOWED_HOSTS:
        found.append("ZHIBU_HOSTS 写了 *，谁都能冒充。请写明域名。")
    demo = User.objects.filter(is_demo=True, is_active=True).order_by("pk")
    names = list(demo.values_list("username", flat=True)[:5])
    if names:
        found.append(f"有演示账号（{'、'.join(names)} 等），密码人人知道。请停用或另装。")
    return found


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Ended(
                BROKEN, f"{host}:{port} 用不了（{error.strerror}）。请用 --port 换一个端口。"
            ) from error


@contextmanager
def sole(home: Path) -> Iterator[None]:
    """Within this block nobody else serves or restores this data folder.

    Raises:
        Ended: somebody does.
    """
    with (home / "serving.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Ended(BROKEN, f"{home} 正开着网站。请先停掉它。") from error
        yield


@dataclass
class Child:
    """One of our processes; started again when it dies, later and later."""

    title: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    not_before: float = 0.0

    def tend(self, now: float) -> None:
        """Start it, or start it again when the time has come."""
        if self.process is not None and self.process.poll() is not None:
            self.deaths = [*(death for death in self.deaths if now - death < 60), now]
            self.not_before = now + 2 ** len(self.deaths) - 1
            sys.stderr.write(f"{self.title}意外停了（{self.process.returncode}），重新打开。\n")
            self.process = None
        if self.process is None and now >= self.not_before:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
                self.command,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
            )

    @property
    def is_hopeless(self) -> bool:
        return len(self.deaths) >= GIVE_UP_AFTER

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _end_with_parent() -> None:
    """Ask Linux to end the child when this process is killed and cannot do it itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _children(host: str, port: int) -> list[Child]:
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(WORKERS), "--blocking-threads", "1"),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(KILL_AFTER)),
        *("--no-ws", "--log-level", "warning"),
        "zhibu.config.wsgi:application",
    ]
    worker = [sys.executable, "-m", "zhibu.cli", "worker"]
    return [Child("网页", web), Child("后台任务", worker)]


def run(*, host: str, port: int) -> int:
    """Run both until told to end; end both."""
    from django.conf import settings

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with sole(settings.HOME):
        children = _children(host, port)
        is_told = False
        while not stop.is_set():
            for child in children:
                child.tend(time.monotonic())
            if any(child.is_hopeless for child in children):
                break
            is_told = is_told or _tell_when_up(host, port)
            stop.wait(0.5 if is_told else 0.1)
        for child in children:
            child.end()
        for child in children:
            child.wait(KILL_AFTER + 5)
    hopeless = [child.title for child in children if child.is_hopeless]
    if hopeless:
        raise Ended(BROKEN, f"{'、'.join(hopeless)}反复停掉，已全部停下。原因见上面。")
    say("已停。")
    return DONE


def _tell_when_up(host: str, port: int) -> bool:
    """Say the address once the site answers."""
    asked = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104
    try:
        with closing(socket.create_connection((asked.strip("[]"), port), timeout=1)):
            pass
    except OSError:
        return False
    say(f"网站开了：http://{asked}:{port}　停下按 Ctrl+C。")
    if host not in LOOPBACK:
        say("别的机器也能连。前面要有 HTTPS，并设 ZHIBU_HTTPS=true。")
    return True
