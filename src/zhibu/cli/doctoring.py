"""What is wrong with an installation, in words, and what to do about it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from zhibu.cli.console import BROKEN, DONE, FAULTS, open_program, say, say_json

FEW_BYTES, LITTLE_BYTES = 200 * 1024**2, 2 * 1024**3
CLOCK_SLIP = timedelta(seconds=5)
SEAL_WITHIN = timedelta(seconds=60)
FAILED_SINCE = timedelta(days=7)
STUCK_FOR = timedelta(days=1)
MARKS = {"ok": "✓", "warning": "！", "fault": "✗"}
State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``remedy`` is empty where nothing is wrong."""

    name: str
    title: str
    state: State
    said: str
    remedy: str = ""


def doctor(*, as_json: bool) -> int:
    """Look at everything; 0 where all is well, 1 with faults, 4 where nothing can run."""
    open_program()
    from django.utils import timezone

    found = list(examined(timezone.now()))
    ok = not any(finding.state == "fault" for finding in found)
    if as_json:
        say_json({"format": 1, "ok": ok, "checks": [asdict(finding) for finding in found]})
    else:
        _say(found)
    is_broken = any(f.state == "fault" and f.name in {"keys", "database"} for f in found)
    return BROKEN if is_broken else DONE if ok else FAULTS


def _say(found: list[Finding]) -> None:
    for finding in found:
        say(f"{MARKS[finding.state]} {finding.title}：{finding.said}")
        if finding.remedy:
            say(f"   怎么办：{finding.remedy}")
    faults = sum(f.state == "fault" for f in found)
    warnings = sum(f.state == "warning" for f in found)
    say(f"有 {faults} 处问题，{warnings} 处提醒。" if faults or warnings else "都好。")


def examined(at: datetime) -> Iterator[Finding]:
    """Every check in order; what needs the database is left out where there is none."""
    keys = _keys()
    yield keys
    database = _database()
    yield database
    yield _disk()
    yield _packs()
    if keys.state == "fault" or database.state == "fault":
        return
    migrations = _migrations()
    yield migrations
    if migrations.state == "fault":
        return
    checks: list[Callable[[datetime], Finding]] = [
        _guard, _clock, _worker, _sealing, _jobs, _deliveries, _backups, _files, _adopted, _fit,
    ]  # fmt: skip
    for check in checks:
        yield check(at)


def _keys() -> Finding:
    from django.conf import settings

    name, title, path = "keys", "密钥", settings.KEYS_PATH
    if not settings.KEYS_EXIST:
        return Finding(
            name, title, "fault", f"没有 {path}",
            "新装运行 zhibu init；装过的照恢复单把密钥文件放回去。",
        )  # fmt: skip
    if not settings.IS_DEMO and path.stat().st_mode & 0o077:
        return Finding(name, title, "fault", "别人也能读密钥文件", f"运行 chmod 600 {path}。")
    if settings.IS_DEMO:
        return Finding(
            name, title, "warning", "是演示的密钥",
            "正式使用请用 ZHIBU_HOME 换个目录，运行 zhibu init。",
        )  # fmt: skip
    return Finding(name, title, "ok", "在，只有本人能读")


def _database() -> Finding:
    from django.conf import settings
    from django.db import DatabaseError, connection

    name, title = "database", "数据库"
    place = Path(str(settings.DATABASES["default"]["NAME"]))
    if connection.vendor == "sqlite" and not place.exists():
        return Finding(
            name, title, "fault", f"没有 {place}",
            "新装运行 zhibu init；丢了就用 zhibu restore 恢复最近的备份。",
        )  # fmt: skip
    try:
        tables = connection.introspection.table_names()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return Finding(
            name, title, "fault", f"连不上：{reason}",
            "看数据库开着没有，ZHIBU_DATABASE 写对没有。",
        )  # fmt: skip
    if connection.vendor == "sqlite" and not os.access(place, os.W_OK):
        return Finding(name, title, "fault", f"{place} 不能写", "看文件的主人和权限。")
    if not tables:
        return Finding(name, title, "fault", "是空的", "运行 zhibu init 或 zhibu restore。")
    return Finding(name, title, "ok", f"{connection.vendor}，{len(tables)} 张表")


def _disk() -> Finding:
    from django.conf import settings

    home = settings.HOME if settings.HOME.exists() else settings.HOME.parent
    free = shutil.disk_usage(home).free
    said = f"{settings.HOME} 还剩 {free / 1024**3:.1f} GB"
    if free < FEW_BYTES:
        return Finding("disk", "磁盘", "fault", said, "马上清理或加大磁盘，满了就记不进去。")
    if free < LITTLE_BYTES:
        return Finding("disk", "磁盘", "warning", said, "请清理旧备份，或加大磁盘。")
    return Finding("disk", "磁盘", "ok", said)


def _packs() -> Finding:
    from zhibu.packs import library

    try:
        count = len(library.shipped())
    except library.BrokenPack as error:
        return Finding("packs", "制度包", "fault", str(error), "请重新安装程序。")
    return Finding("packs", "制度包", "ok", f"随平台带的 {count} 个都读得出来")


def _migrations() -> Finding:
    from zhibu.cli.console import migrations_behind
    from zhibu.cli.upgrading import unknown_migrations

    unknown, behind = unknown_migrations(), migrations_behind()
    if unknown:
        return Finding(
            "migrations", "版本", "fault", f"数据比程序新，多 {len(unknown)} 步",
            "请装回新的程序，或用旧备份恢复。",
        )  # fmt: skip
    if behind:
        return Finding(
            "migrations",
            "版本",
            "fault",
            f"数据比程序旧，差 {behind} 步",
            "停网站，运行 zhibu upgrade。",
        )
    return Finding("migrations", "版本", "ok", "数据和程序是一个版本")


def _guard(at: datetime) -> Finding:
    from django.db import connection

    from zhibu.ledger import guard

    missing = guard.missing(connection)
    if missing:
        return Finding(
            "guard", "存证防护", "fault", f"少了 {len(missing)} 道：{'、'.join(missing[:3])}",
            "有人动过数据库。请运行 zhibu verify 核验，查清是谁，再从备份恢复。",
        )  # fmt: skip
    return Finding("guard", "存证防护", "ok", "都在")


def _clock(at: datetime) -> Finding:
    from django.db import connection
    from django.db.models import Max

    from zhibu.ledger.models import Head

    last = Head.objects.aggregate(at=Max("at"))["at"]
    remedy = "请开启对时（timedatectl set-ntp true），对好以后重开网站。"
    if last and last - at > CLOCK_SLIP:
        return Finding("clock", "时钟", "fault", f"比最近一次封存慢 {_span(last - at)}", remedy)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select clock_timestamp()")
            (theirs,) = cursor.fetchone()
        from django.utils import timezone

        slip = abs(theirs - timezone.now())
        if slip > CLOCK_SLIP:
            return Finding("clock", "时钟", "fault", f"和数据库差 {_span(slip)}", remedy)
    return Finding("clock", "时钟", "ok", "对得上")


def _worker(at: datetime) -> Finding:
    from django.db.models import Max

    from zhibu.core.jobs import DEAD_AFTER
    from zhibu.core.models import Heartbeat

    last = Heartbeat.objects.aggregate(at=Max("beat_at"))["at"]
    remedy = "开网站：zhibu serve；网页单独部署的，开 zhibu worker。"
    if last is None:
        return Finding("worker", "后台任务", "fault", "没有在办", remedy)
    if at - last > DEAD_AFTER:
        return Finding("worker", "后台任务", "fault", f"{_span(at - last)}没有动静", remedy)
    return Finding("worker", "后台任务", "ok", "在办")


def _sealing(at: datetime) -> Finding:
    from django.db.models import Count, Min

    from zhibu.ledger.models import Entry

    waiting = Entry.objects.filter(sealed=None).aggregate(oldest=Min("at"), count=Count("pk"))
    if waiting["oldest"] and at - waiting["oldest"] > SEAL_WITHIN:
        return Finding(
            "sealing", "存证封存", "fault",
            f"{waiting['count']} 条没有封存，最早的等了 {_span(at - waiting['oldest'])}",
            "开后台任务（zhibu serve 或 zhibu worker），一分钟内会封存。",
        )  # fmt: skip
    return Finding("sealing", "存证封存", "ok", f"等封存 {waiting['count']} 条")


def _jobs(at: datetime) -> Finding:
    from django_tasks_db.models import DBTaskResult

    count = DBTaskResult.objects.failed().filter(finished_at__gte=at - FAILED_SINCE).count()
    if count:
        return Finding(
            "jobs", "定时任务", "warning", f"这七天有 {count} 件没有办成",
            "看服务的日志（journalctl -u zhibu）；备份没成的，看目录能不能写。",
        )  # fmt: skip
    return Finding("jobs", "定时任务", "ok", "这七天都办成了")


def _deliveries(at: datetime) -> Finding:
    from zhibu.notices.models import Delivery

    stuck = Delivery.objects.filter(state=Delivery.State.GIVEN_UP, done_at__gt=at - FAILED_SINCE)
    old = Delivery.objects.waiting().filter(trying_since__lt=at - STUCK_FOR)
    if count := stuck.count() + old.count():
        return Finding(
            "deliveries", "邮件和推送", "warning", f"有 {count} 条没发成",
            "系统管理员在“管理”的“发送和推送”里看为什么；邮件先用 zhibu check-mail 试。",
        )  # fmt: skip
    return Finding("deliveries", "邮件和推送", "ok", "没有发不成的")


def _backups(at: datetime) -> Finding:
    from croniter import croniter
    from django.conf import settings
    from django.utils import timezone

    from zhibu.cli import backing_up

    name, title, folder = "backups", "备份", settings.BACKUP_FOLDER
    if folder is None:
        return Finding(
            name,
            title,
            "warning",
            "没有设定时备份",
            "把 ZHIBU_BACKUP_FOLDER 设成另一块盘的目录。",
        )
    made = backing_up.made(folder) if folder.exists() else []
    rule = croniter(settings.BACKUP_CRON, timezone.localtime(at))
    rule.get_prev(datetime)
    last_but_one = rule.get_prev(datetime)
    newest = datetime.fromtimestamp(made[0].stat().st_mtime, tz=at.tzinfo) if made else None
    if newest is None or newest < last_but_one:
        said = f"最近一份是 {_span(at - newest)}前的" if newest else f"{folder} 里一份也没有"
        return Finding(
            name, title, "fault", said,
            f"看 {folder} 能不能写、后台任务开着没有；先手动做一份：zhibu backup 文件。",
        )  # fmt: skip
    return Finding(name, title, "ok", f"有 {len(made)} 份，最近一份 {_span(at - newest)}前")


def _files(at: datetime) -> Finding:
    from django.conf import settings

    from zhibu.files import storage
    from zhibu.files.models import Attachment

    names = Attachment.objects.live().values_list("stored_name", flat=True)
    missing = sum(not storage.path_of(name).exists() for name in names.iterator(1000))
    if missing:
        return Finding(
            "files", "附件", "fault", f"少了 {missing} 个",
            f"看 {settings.MEDIA_ROOT} 是不是挂上了；丢了的从备份里取回，zhibu verify 列出是哪些。",
        )  # fmt: skip
    if Path(settings.MEDIA_ROOT).exists() and not os.access(settings.MEDIA_ROOT, os.W_OK):
        return Finding("files", "附件", "fault", "目录不能写", f"看 {settings.MEDIA_ROOT} 的权限。")
    return Finding("files", "附件", "ok", f"{names.count()} 个都在")


def _adopted(at: datetime) -> Finding:
    from zhibu.adoptions import queries as adoptions
    from zhibu.packs import library

    try:
        known = library.packs()
    except library.BrokenPack as error:
        return Finding("adopted", "采用的制度包", "fault", str(error), "请重新安装这个制度包。")
    lost = sorted({a.pack for a in adoptions.everywhere()} - known.keys())
    if lost:
        return Finding(
            "adopted", "采用的制度包", "fault", f"采用着的 {'、'.join(lost)} 找不到",
            "用 zhibu install-pack 装上；不用了的，在“制度”里停用。",
        )  # fmt: skip
    return Finding("adopted", "采用的制度包", "ok", "都在")


def _fit(at: datetime) -> Finding:
    from zhibu.cli.serving import reasons_against

    found = reasons_against()
    if found:
        return Finding(
            "fit", "能不能开网站", "warning", f"有 {len(found)} 处要先改", " ".join(found)
        )
    return Finding("fit", "能不能开网站", "ok", "能")


def _span(span: timedelta) -> str:
    """How long, in the largest whole unit."""
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"
