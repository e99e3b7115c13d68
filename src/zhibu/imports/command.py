"""What ``zhibu import`` and ``zhibu undo-import`` do; the command line only calls these."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from zhibu.core.verdicts import Refused, no, require
from zhibu.imports import actions, checking, queries, reading, rules, targets
from zhibu.imports import rest as rest_rows
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch
from zhibu.imports.reading import UnreadableFile
from zhibu.imports.targets import Check, Ground

if TYPE_CHECKING:
    from zhibu.accounts.models import User

DONE, FAULTS, USAGE, REFUSED = 0, 1, 2, 3
SHOWN = 20


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def run_import(
    file: Path,
    *,
    dry_run: bool = False,
    clean_only: bool = False,
    rest: Path | None = None,
    as_json: bool = False,
    by: "User",
    under: str = "",
) -> int:
    """Check a roster and bring it in; the exit code.

    0 done; 1 faults found and nothing imported (a dry run: faults found); 2 the command is
    wrong; 3 a rule refuses. With ``clean_only`` the clean rows come in and the others are
    written to ``rest``; that is 0 as well. ``under`` is the code of the organisation that
    the roster hangs under, where the user may choose.
    """
    if clean_only and rest is None and not dry_run:
        _complain("只导入没有错的行时，要用 --rest 写明退回的行存到哪个文件。")
        return USAGE
    if rest is not None and rest.exists():
        _complain(f"{rest} 已经有了，不覆盖。请换一个文件名。")
        return USAGE
    if not file.is_file():
        _complain(f"没有这个文件：{file}")
        return USAGE
    try:
        return _run(
            file,
            dry_run=dry_run,
            clean_only=clean_only,
            rest=rest,
            as_json=as_json,
            by=by,
            ground=_ground(by, under),
        )
    except Refused as refused:
        _complain(refused.verdict.reason)
        return REFUSED


def _ground(by: "User", under: str) -> Ground:
    """Where the roster hangs: as asked, else where the user may import.

    Raises:
        Refused: no such organisation, or nowhere.
    """
    if under:
        found = targets.ground_of(under)
        if found is None:
            raise Refused(no(f"没有组织代码“{under}”。请核对。"))
        require(rules.may_run(by, found))
        return found
    grounds = rules.grounds(by)
    if not grounds:
        raise Refused(no(rules.NOT_YOURS))
    return grounds[0]


def _run(
    file: Path,
    *,
    dry_run: bool,
    clean_only: bool,
    rest: Path | None,
    as_json: bool,
    by: "User",
    ground: Ground,
) -> int:
    actions.recover(timezone.now(), clock=timezone.now)
    now = timezone.now()
    try:
        reading.refuse_size(file.stat().st_size, settings.UPLOAD_LIMIT)
    except UnreadableFile as error:
        return _report(checking.refused(file.name, error), clean_only=clean_only, as_json=as_json)
    content = file.read_bytes()
    check, preview = checking.run(
        content, file_name=file.name, by=by, ground=ground, today=timezone.localdate(now)
    )
    blocked = preview.has_whole_fault or not preview.clean_rows
    if not dry_run and not blocked and (clean_only or not preview.errors):
        _apply(check, preview, content, clean_only=clean_only, rest=rest, by=by, ground=ground)
    elif rest is not None and preview.errors and check.tables:
        _write_rest(rest, check, preview)
    code = _report(preview, clean_only=clean_only, as_json=as_json)
    return DONE if preview.batch is not None else code


def _apply(
    check: Check,
    preview: Preview,
    content: bytes,
    *,
    clean_only: bool,
    rest: Path | None,
    by: "User",
    ground: Ground,
) -> None:
    batch = actions.begin(
        file_name=preview.file_name,
        file_digest=checking.digest_of(content),
        ground=ground,
        by=by,
        at=timezone.now(),
    )
    batch = actions.note_check(batch, preview)
    if rest is not None and preview.refused_rows:
        _write_rest(rest, check, preview)
    batch = actions.apply(
        batch,
        check=check,
        preview=preview,
        clean_only=clean_only,
        by=by,
        at=timezone.now(),
        clock=timezone.now,
    )
    preview.batch = batch.pk


def _write_rest(rest: Path, check: Check, preview: Preview) -> None:
    content = rest_rows.workbook(check.tables, [*preview.errors, *preview.held_back])
    with rest.open("xb") as file:
        rest.chmod(0o600)
        file.write(content)


def _report(preview: Preview, *, clean_only: bool, as_json: bool) -> int:
    if as_json:
        _say(json.dumps(preview.as_json(clean_only=clean_only), ensure_ascii=False, indent=1))
    else:
        _summary(preview)
    return FAULTS if preview.errors else DONE


def _summary(preview: Preview) -> None:
    read = queries.in_words(preview.read)
    _say(f"{preview.file_name}：读到{read}。")
    for title, faults in (("错误", preview.errors), ("提醒", preview.warnings)):
        counts = Counter(fault.code for fault in faults)
        if counts:
            _say(f"{title} {len(faults)} 处：")
        for code, count in counts.most_common():
            _say(f"  {count:>6}  {code}")
    for fault in preview.errors[:SHOWN]:
        where = f"{fault.sheet} 第 {fault.row} 行 {fault.column}：" if fault.row else ""
        _say(f"{where}{fault.message}")
    if len(preview.errors) > SHOWN:
        _say(f"还有 {len(preview.errors) - SHOWN} 处，用 --json 看全部，或用 --rest 存成表格。")
    if preview.batch is not None:
        made = queries.in_words(preview.clean)
        _say(f"已导入：{made}。编号 {preview.batch}，要撤销用 zhibu undo-import {preview.batch}。")
    elif preview.errors:
        _say("没有导入。改好文件再来，或用 --clean-only --rest 退回.xlsx 先导入没有错的行。")


def undo_import(number: int, *, as_json: bool = False, by: "User") -> int:
    """Take import ``number`` back; the exit code. What stays is named."""
    actions.recover(timezone.now(), clock=timezone.now)
    batch = Batch.objects.visible_to(by).filter(pk=number).first()
    if batch is None:
        _complain(f"没有编号 {number} 的导入，或不归您管。")
        return USAGE
    try:
        batch = actions.undo(batch, by=by, at=timezone.now(), clock=timezone.now)
    except Refused as refused:
        _complain(refused.verdict.reason)
        return REFUSED
    gone, kept = batch.report["gone"], batch.report["kept"]
    if as_json:
        answer = {
            "format": checking.FORMAT,
            "import_id": batch.pk,
            "removed": gone,
            "kept": [{"type": type_, "id": pk, "why": why} for type_, pk, why in kept],
        }
        _say(json.dumps(answer, ensure_ascii=False, indent=1))
        return DONE
    _say(f"已撤销导入 {batch.pk}：删去 {sum(gone.values())} 条。")
    if kept:
        _say(f"有 {len(kept)} 条导入后动过或有别的记录，留着：")
        for type_, pk, why in kept[:SHOWN]:
            _say(f"  {type_} {pk}：{why}")
    return DONE
