"""What every command needs: the installation, the acting user, exit codes, JSON."""

import gc
import json
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from zhibu.accounts.models import User
    from zhibu.config.env import Environment

DONE, FAULTS, USAGE, REFUSED, BROKEN = range(5)

As = Annotated[str, typer.Option("--as", metavar="登录名", help="以谁的名义办；不写就用系统账号。")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，格式见 docs/cli.md。")]


class Ended(Exception):
    """A command ends here with ``code``, saying ``message`` on the error channel."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    say(json.dumps(value, ensure_ascii=False, indent=1))


def usage(message: str) -> NoReturn:
    raise Ended(USAGE, message)


def environment() -> "Environment":
    """The environment's settings.

    Raises:
        Ended: a value or a name is wrong; all are listed.
    """
    from zhibu.config import env

    try:
        return env.read()
    except env.EnvironmentFaults as error:
        raise Ended(BROKEN, str(error)) from error


def open_program() -> None:
    """Load the program without asking for an installation.

    Raises:
        Ended: the environment or the key ring cannot be read.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhibu.config.settings")
    environment()
    import django
    from django.conf import settings

    try:
        _ = settings.HOME
    except (ValueError, KeyError, PermissionError) as error:
        raise Ended(BROKEN, f"密钥文件读不出来（{error}）。请从恢复单或保管处放回原件。") from error
    gc.disable()  # nothing that is loaded now is ever rubbish, and looking costs a fifth of it
    django.setup()
    gc.freeze()
    gc.enable()


def has_installation() -> bool:
    """Whether ``ZHIBU_HOME`` holds a key ring and, where it is a file, a database."""
    from django.conf import settings

    if not settings.KEYS_EXIST:
        return False
    return bool(settings.ENV.database) or Path(settings.DATABASES["default"]["NAME"]).exists()


def open_installation() -> None:
    """Load the program and see that there is something to work with.

    Raises:
        Ended: no installation, no database, or one of another version.
    """
    open_program()
    from django.conf import settings
    from django.db import DatabaseError

    if not has_installation():
        raise Ended(
            BROKEN,
            f"{settings.HOME} 里没有安装。\n"
            "新装：zhibu init。先看看：zhibu demo。装在别处：用 ZHIBU_HOME 指出数据目录。",
        )
    try:
        behind = migrations_behind()
    except DatabaseError as error:
        raise Ended(BROKEN, _unreachable(error)) from error
    if behind:
        raise Ended(
            BROKEN,
            f"数据库和程序不是一个版本，差 {behind} 步。"
            "换了新程序：zhibu upgrade。没装完：再运行一次 zhibu init。",
        )


def migrations_behind() -> int:
    """How many migrations the database has not seen."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _unreachable(error: Exception) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"数据库连不上：{reason}。请看数据库开着没有，ZHIBU_DATABASE 写对没有。"


@contextmanager
def endings() -> Iterator[None]:
    """Turn a rule's refusal and a lost database into endings that say what to do."""
    from django.core.exceptions import PermissionDenied
    from django.db import InterfaceError, OperationalError

    from zhibu.core.verdicts import Refused

    try:
        yield
    except Refused as error:
        basis = f"（依据：{error.verdict.basis}）" if error.verdict.basis else ""
        raise Ended(REFUSED, f"{error.verdict.reason}{basis}") from error
    except PermissionDenied as error:
        raise Ended(REFUSED, str(error)) from error
    except (OperationalError, InterfaceError) as error:
        raise Ended(BROKEN, _unreachable(error)) from error


@contextmanager
def acting(command: str, as_user: str) -> Iterator["User"]:
    """The user a writing command acts as; the ledger notes command and console user.

    Raises:
        Ended: no installation, or nobody of that name who could sign in.
    """
    open_installation()
    from django.utils import timezone

    from zhibu.accounts import actions as accounts
    from zhibu.accounts.models import User

    with endings(), noted(command):
        if not as_user:
            yield accounts.ensure_system_account(timezone.now())
            return
        found = User.objects.able_to_sign_in().filter(username=as_user.strip().lower()).first()
        if found is None:
            usage(f"没有登录名 {as_user}，或者已停用。")
        yield found


@contextmanager
def noted(command: str) -> Iterator[None]:
    """Within this block the ledger notes that ``command`` did it, and at whose console."""
    from zhibu.ledger.actions import origin

    token = origin.set(f"command:{command}@{console_user()}"[:60])
    try:
        yield
    finally:
        origin.reset(token)


def console_user() -> str:
    """The operating system's name for whoever runs the command."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
