"""Setting up: data folder, keys, database, static files, the three administrators."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from zhibu.cli.console import (
    BROKEN,
    DONE,
    REFUSED,
    Ended,
    acting,
    endings,
    environment,
    noted,
    open_installation,
    open_program,
    say,
)
from zhibu.config import keys

if TYPE_CHECKING:
    from zhibu.config.keys import KeyRing
    from zhibu.ledger.signing import Keys

ADMINS = (
    ("xitong", "系统管理员", "system-admin"),
    ("anquan", "安全管理员", "security-admin"),
    ("shenji", "审计管理员", "audit-admin"),
)

UNUSED = ["ext", "htmax-*", "htmx-4*", "htmx-2.js", "django-htmx.js"]  # of django_htmx


def init() -> int:
    """Make an installation where there is none; one that broke off half-way goes on."""
    home = environment().home
    make_home(home, is_demo=False)
    with endings(), noted("init"):
        migrate()
        ensure_ledger_key()
        collect_static()
        codes = _appoint()
    from django.conf import settings

    say(f"装好了：{home}")
    say(f"数据库：{settings.DATABASES['default']['NAME']}")
    say()
    say("三个管理员，三个人分开保管，14 天内打开网站“激活账号”用掉：")
    for username, title, code in codes:
        say(f"  {title}　登录名 {username}　激活码 {code}")
    say()
    say(recovery_sheet(settings.KEYRING, settings.KEYS_PATH, settings.LEDGER_KEY_PATH))
    say()
    say("下一步：zhibu serve 开网站；zhibu import 名册.xlsx --dry-run 检查名册。")
    return DONE


def make_home(home: Path, *, is_demo: bool) -> None:
    """The data folder with its key ring, the program loaded over it.

    Raises:
        Ended: it is taken; a key ring made a moment ago is removed again.
    """
    path = home / "keys" / "keyring.json"
    is_new = not path.exists()
    if is_new:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.write(keys.generate(is_demo=is_demo), path)
    try:
        open_program()
        _refuse_taken(is_new=is_new, is_demo=is_demo)
    except Ended:
        if is_new:
            path.unlink()
        raise


def _refuse_taken(*, is_new: bool, is_demo: bool) -> None:
    from django.conf import settings

    if settings.IS_DEMO and not is_demo:
        raise Ended(
            REFUSED, f"{settings.HOME} 里是演示数据，不能装正式的。请用 ZHIBU_HOME 换个目录。"
        )
    if is_demo and not settings.IS_DEMO:
        raise Ended(
            REFUSED, f"{settings.HOME} 里是正式数据，不能建演示。请用 ZHIBU_HOME 换个目录。"
        )
    if not _has_accounts():
        return
    if is_new:
        raise Ended(
            BROKEN,
            f"数据库里有数据，可是 {settings.KEYS_PATH} 没有密钥。请先照恢复单放回密钥文件。",
        )
    if not is_demo:
        raise Ended(REFUSED, f"{settings.HOME} 已经装好了。开网站：zhibu serve。")


def _has_accounts() -> bool:
    """Whether the database is reachable and somebody already works in it."""
    from django.db import connection

    from zhibu.accounts.models import User

    with endings():
        if User._meta.db_table not in connection.introspection.table_names():
            return False
        return (
            User.objects.exclude(admin_role="").exists()
            or User.objects.filter(is_demo=True).exists()
        )


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _appoint() -> list[tuple[str, str, str]]:
    """The system account and the three hands, all or none: login name, title, code."""
    from django.db import transaction
    from django.utils import timezone

    from zhibu.accounts import actions as accounts

    at = timezone.now()
    with transaction.atomic():
        system = accounts.ensure_system_account(at)
        made = []
        for username, title, role in ADMINS:
            _, code = accounts.appoint_admin(
                username=username, name=title, admin_role=role, by=system, at=at
            )
            made.append((username, title, code))
    return made


def collect_static() -> None:
    """Gather and compress the static files, unless nothing changed since last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    sources = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(None):
            stat = Path(storage.path(name)).stat()
            sources.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    marker = settings.HOME / "static.json"
    wanted = {"format": 1, "sources": sources.hexdigest()}
    if marker.exists() and json.loads(marker.read_text("utf-8")) == wanted:
        return
    call_command(
        "collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED
    )
    marker.write_text(json.dumps(wanted), "utf-8")


def ensure_ledger_key() -> bool:
    """See that heads can be signed; whether the key was made just now.

    An installation from before there were keys gets one; heads sealed until then stay
    unsigned. One whose heads are signed gets no other key unasked.

    Raises:
        Ended: the key is gone, or its file cannot be read.
    """
    from django.conf import settings
    from django.utils import timezone

    from zhibu.ledger import signing
    from zhibu.ledger.models import Head

    path = settings.LEDGER_KEY_PATH
    try:
        if signing.held() is not None:
            return False
    except signing.KeyUnreadable as error:
        raise Ended(BROKEN, f"{error}。请照恢复单放回签名密钥。") from error
    if Head.objects.exclude(key_id="").exists():
        raise Ended(
            BROKEN,
            f"封存头有签名，可是 {path} 没有签名密钥。请照恢复单放回；"
            "恢复单也没有了，运行 zhibu rotate-ledger-key --lost 换一把。",
        )
    signing.write(signing.generate(timezone.now()), path)
    return True


def print_recovery_sheet() -> int:
    """The recovery sheet again: after a rotation, or when the first one is lost."""
    open_installation()
    from django.conf import settings

    with endings():
        ensure_ledger_key()
    say(recovery_sheet(settings.KEYRING, settings.KEYS_PATH, settings.LEDGER_KEY_PATH))
    return DONE


def rotate_ledger_key(*, is_lost: bool, as_user: str) -> int:
    """A new key to sign heads with; the one in use vouches for it, unless it is lost."""
    with acting("rotate-ledger-key", as_user) as by:
        from django.conf import settings
        from django.utils import timezone

        from zhibu.accounts import actions as accounts
        from zhibu.accounts import rules
        from zhibu.core.verdicts import require
        from zhibu.ledger import outside, signing

        require(rules.may_change_keys(by))
        at = timezone.now()
        held = _held_or_lost(is_lost=is_lost)
        made = (
            signing.rotated(held, at)
            if held is not None
            else signing.generate(at, after=outside.keys_seen())
        )
        signing.write(made, settings.LEDGER_KEY_PATH)
        accounts.note_key_change(by=by, at=at)
    say(f"换好了，新的签名密钥：{made.current.id}。旧的只留公钥，以前的签名照样能核对。")
    if held is None:
        say("旧密钥丢了，新密钥没有旧密钥担保。请把新密钥的编号用别的办法告诉核对的人。")
    say("旧的恢复单作废，请打印新的：")
    say()
    say(recovery_sheet(settings.KEYRING, settings.KEYS_PATH, settings.LEDGER_KEY_PATH))
    return DONE


def _held_or_lost(*, is_lost: bool) -> "Keys | None":
    """The keys in use; None where they are said to be lost and are.

    Raises:
        Ended: they are not there and nobody said so, or they are said to be lost and are there.
    """
    from django.conf import settings

    from zhibu.ledger import signing

    try:
        held = signing.held()
    except signing.KeyUnreadable as error:
        if not is_lost:
            raise Ended(BROKEN, f"{error}。请照恢复单放回，或加 --lost 换一把。") from error
        return None
    if held is None and not is_lost:
        raise Ended(
            BROKEN, f"{settings.LEDGER_KEY_PATH} 没有签名密钥。请照恢复单放回，或加 --lost 换一把。"
        )
    if held is not None and is_lost:
        raise Ended(REFUSED, "签名密钥还在，不用 --lost。直接换，旧的会给新的担保。")
    return held


def recovery_sheet(ring: "KeyRing", path: Path, ledger_key: Path) -> str:
    """What must be kept on paper to read the data again when the machine is gone, and to
    go on signing what is sealed."""
    lines = [
        "──── 密钥恢复单：请打印或抄下来，封好，由两个人分开存放 ────",
        f"密钥文件：{path}",
        f"指纹：{keys.fingerprints(ring)['index']}",
        "没有密钥，备份里的身份证号、电话、住址谁也读不出来；密钥不在备份里。",
        "换机器时，把下面各行原样存成上面的文件，再运行 zhibu restore：",
        path.read_text("utf-8"),
        f"签名密钥文件：{ledger_key}",
        "拿到它的人能冒充本平台签封存头；丢了要换一把，并告诉核对的人。",
        "把下面各行原样存成上面的文件：",
        ledger_key.read_text("utf-8"),
        "────────────────────────────────────────",
    ]
    return "\n".join(lines)
