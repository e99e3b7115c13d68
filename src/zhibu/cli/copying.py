"""Moving an installation from SQLite to PostgreSQL: a copy, compared row by row."""

import os
import subprocess
import sys
from typing import Any

from zhibu.cli import comparing, serving
from zhibu.cli.console import BROKEN, DONE, FAULTS, REFUSED, Ended, acting, say, usage

SMALL_TURN = 2000


def copy_to(url: str, *, as_user: str) -> int:
    """Copy everything into an empty PostgreSQL database; what is here stays as it is."""
    if not url.startswith(("postgresql://", "postgres://")):
        usage("要写成 postgresql://用户:密码@主机/库。")
    with acting("copy-to", as_user) as by:
        from django.conf import settings
        from django.db import connection
        from django.utils import timezone

        from zhibu.accounts import actions as accounts
        from zhibu.config.databases import of_url
        from zhibu.ledger import actions as ledger

        if connection.vendor != "sqlite":
            raise Ended(REFUSED, "现在用的不是 SQLite。PostgreSQL 之间用 backup 和 restore。")
        with serving.sole(settings.HOME), comparing.beside(of_url(url, settings.HOME)) as target:
            _refuse_taken(target)
            accounts.note_copy(by=by, at=timezone.now())
            ledger.seal(timezone.now())
            count = _copied(target)
            found = comparing.differences("default", target)
    if found:
        names = "、".join(f"{table}（{count} 行）" for table, count in found.items())
        raise Ended(FAULTS, f"两边不一样：{names}。请删掉新库再来一次；原来的还在用。")
    _verified(url)
    say(f"已复制 {count} 行，两边逐行一样，核验通过。")
    say(f"把 ZHIBU_DATABASE 设成新库，再开网站。原来的 {settings.DATABASES['default']['NAME']}")
    say("没有动过；确认新库好用以后，请移到别处保存。")
    return DONE


def _refuse_taken(target: str) -> None:
    from django.db import OperationalError

    try:
        taken = comparing.tables(target)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise Ended(BROKEN, f"新库连不上：{reason}。请先建好空库，再看地址写对没有。") from error
    if taken:
        raise Ended(REFUSED, f"新库里已经有 {len(taken)} 张表，不覆盖。请换一个空库。")


def _copied(target: str) -> int:
    """Make the tables with their guards, then every row in one transaction; how many."""
    from django.core.management import call_command
    from django.db import connections, transaction

    call_command("migrate", database=target, interactive=False, verbosity=0)
    models = comparing.all_models()
    count = 0
    with transaction.atomic(using=target), connections[target].cursor() as cursor:
        for model in models:  # what migrating itself filled: content types, permissions
            model._base_manager.using(target)._raw_delete(target)
        for model in models:
            count += _copy_rows(model, target, cursor)
        _set_sequences(cursor)
    return count


def _copy_rows(model: Any, target: str, cursor: Any) -> int:
    from django.db import connections

    database, fields = connections[target], model._meta.concrete_fields
    quote = database.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    count = 0
    with cursor.copy(f"copy {quote(model._meta.db_table)} ({columns}) from stdin") as copy:
        for row in comparing.rows(model, "default"):
            copy.write_row(
                [f.get_db_prep_save(v, database) for f, v in zip(fields, row, strict=True)]
            )
            count += 1
    return count


def _set_sequences(cursor: Any) -> None:
    """Numbers go on where SQLite would have gone on: one that was removed is not given again."""
    from django.db import connection

    with connection.cursor() as source:
        source.execute("select name, seq from sqlite_sequence where seq > 0")
        last = source.fetchall()
    for table, number in last:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        (sequence,) = cursor.fetchone()
        if sequence:
            cursor.execute("select setval(%s, %s)", [sequence, number])


def _verified(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zhibu.cli", "verify"],
        env={**os.environ, "ZHIBU_DATABASE": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Ended(done.returncode, f"{done.stdout}{done.stderr}新库没有通过核验，请不要用。")
