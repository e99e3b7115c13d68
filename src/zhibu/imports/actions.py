"""Bringing a roster in, and taking it back: staged, in short turns, seen all at once.

A roster's rows carry their batch's number and are invisible until one last transaction
settles the batch and writes the one ledger entry. An undo goes the other way: first one
transaction says what is taken back and hides it, then the rows are deleted. Whatever is
interrupted in between, ``recover`` finishes or clears away.
"""

import os
import secrets
import socket
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from zhibu.accounts.models import User as Account
from zhibu.core import effects, standing
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import Refused, no, require
from zhibu.imports import rest, rules, storage, targets, undoing
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch
from zhibu.imports.targets import Check, Ground, Made
from zhibu.imports.undoing import Plan
from zhibu.imports.writing import Interrupted, Writer
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Digest

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Clock = Callable[[], datetime]
KEEP_UNDECIDED = timedelta(days=7)
REFRESH_AT_ONCE = 50
REFRESH_FIRST = 3  # an organisation may have years of obligations
FOLLOW_AT_ONCE = 50
FOLLOW_FIRST = 20
REMOVE_TURN = 400
TRIES = 3


class Kind(StrEnum):
    APPLIED = "imports:batch:applied"
    UNDONE = "imports:batch:undone"
    CLEARED = "imports:batch:cleared"


WORDS = {
    Kind.APPLIED: "导入了一份表格",
    Kind.UNDONE: "撤销了一次导入",
    Kind.CLEARED: "清掉了中断的导入",
}


def worker_name() -> str:
    """Who is at work: machine, process, and a mark of its own."""
    return f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"


def _is_dead(batch: Batch, at: datetime) -> bool:
    """Whether nobody is at work on a batch any more."""
    host, _, rest_of_name = batch.worker.partition(":")
    pid, _, _ = rest_of_name.partition(":")
    if host == socket.gethostname()[:50] and pid.isdigit():
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
    return batch.is_silent(at)


@transaction.atomic
def begin(
    *,
    file_name: str,
    file_digest: str,
    ground: Ground,
    subject: str = "",
    by: "User",
    at: datetime,
) -> Batch:
    """Open a batch for an uploaded file; ``subject`` as in ``Batch``.

    Raises:
        Refused: ``rules.may_run`` refuses.
    """
    require(rules.may_run(by, ground, subject))
    return Batch.objects.create(
        state=Batch.State.CHECKING,
        file_name=file_name[:200],
        file_digest=file_digest,
        subject=subject,
        organization_id=ground.organization_id,
        path=ground.path,
        by_id=by.pk,
        started_at=at,
        beat_at=at,
        worker=worker_name(),
    )


def leave_check(batch: Batch) -> Batch:
    """The check is left to whoever takes the job up: it outlives the page that opened it."""
    Batch.objects.filter(pk=batch.pk).update(worker="")
    batch.worker = ""
    return batch


def take_up_check(batch: Batch, *, at: datetime) -> Batch:
    """Say who checks now, so that ``recover`` can tell when nobody does any more."""
    batch.worker, batch.beat_at = worker_name(), at
    batch.save(update_fields=["worker", "beat_at"])
    return batch


def note_check(batch: Batch, preview: Preview) -> Batch:
    """A check is done: the batch waits for a decision, with its figures.

    One that is decided upon stays queued: whoever dies now does not undo the decision.
    """
    if batch.state != Batch.State.QUEUED:
        batch.state = Batch.State.CHECKED
    batch.counts = {
        "read": preview.read,
        "clean": preview.clean,
        "errors": len(preview.errors),
        "warnings": len(preview.warnings),
        "held_back": len(preview.held_back),
        "refused_rows": preview.refused_rows,
        "has_whole_fault": preview.has_whole_fault,
    }
    batch.total = preview.clean_rows
    batch.save(update_fields=["state", "counts", "total"])
    return batch


def apply(
    batch: Batch,
    *,
    check: Check,
    preview: Preview,
    clean_only: bool,
    by: "User",
    at: datetime,
    clock: Clock,
) -> Batch:
    """Write what a check made, in short turns, and let it be seen at once.

    With ``clean_only`` refused rows stay out; without, there may be none. Not atomic: a
    failure on the way clears away what was written, a killed process leaves that to
    ``recover``.

    Raises:
        Refused: ``rules.may_apply`` refuses, or somebody else was faster.
    """
    require(
        rules.may_apply(
            by, batch, clean_only=clean_only, errors=len(preview.errors), clean=preview.clean_rows
        )
    )
    require(rules.may_run(by, check.ground, batch.subject))
    worker = worker_name()
    waiting = (Batch.State.CHECKED, Batch.State.QUEUED, Batch.State.FAILED)
    taken = Batch.objects.filter(pk=batch.pk, state__in=waiting).update(
        state=Batch.State.WRITING,
        worker=worker,
        beat_at=clock(),
        progress=0,
        total=preview.clean_rows,
        clean_only=clean_only,
        report={},
    )
    if not taken:
        raise Refused(no("不能导入：这份名册别人正在导入，或已经导入过。"))
    batch.refresh_from_db()
    writer = Writer(batch, at=at, worker=worker, clock=clock)
    is_done = False
    try:
        _write(writer, check, preview, by=by, clock=clock)
        is_done = True
    except IntegrityError as error:
        clash = targets.in_order(batch.subject)[-1].clash
        raise Refused(no(f"没有导入：核对之后，{clash}。请再核对一次。")) from error
    finally:
        if not is_done:
            _abandon(batch, worker, by=by, clock=clock)
    refresh(batch, by=by, clock=clock)
    return batch


def _write(writer: Writer, check: Check, preview: Preview, *, by: "User", clock: Clock) -> None:
    batch = writer.batch
    for target in targets.in_order(batch.subject):
        target.write(check, writer)
    with writer.turn():
        for target in targets.in_order(batch.subject):
            target.conclude(check, writer)
        _digest_what_moved(writer)
        writer.flush()
        now = clock()
        writer.digests.conclude(
            Kind.APPLIED, batch, organization=batch.organization_id, by=by, at=now
        )
        batch.state, batch.settled_at, batch.worker = Batch.State.APPLIED, now, ""
        batch.counts = {**batch.counts, "made": preview.clean, "longest": writer.longest_ms}
        batch.to_refresh = sorted(writer.refresh)
        batch.to_follow = _all_to_follow()
        if len(batch.to_refresh) <= REFRESH_AT_ONCE:
            _refresh_some(batch, REFRESH_AT_ONCE, by=by, at=now)
        if preview.clean_rows <= FOLLOW_AT_ONCE:
            while batch.to_follow:
                _follow_some(batch, FOLLOW_AT_ONCE, at=now)
        batch.save()
        effects.run("campaigns.forget", by=by, at=now)
    standing.forget()


def _digest_what_moved(writer: Writer) -> None:
    """A move above takes rows along that nobody sees yet: their last state counts."""
    for made in targets.makes():
        if made.deepest_first:
            moved = undoing.recorded_since(made, writer.batch)
            for part in undoing.chunks(moved):
                writer.digest(list(made.model._base_manager.filter(pk__in=part)))


def _refresh_some(batch: Batch, size: int, *, by: "User | None", at: datetime) -> None:
    """Bring the next organisations' derived rows up to date, in the current transaction."""
    some, batch.to_refresh = batch.to_refresh[:size], batch.to_refresh[size:]
    if some:
        effects.run("duties.refresh", by=by, at=at, organizations=some)


def _all_to_follow() -> dict[str, int]:
    return {undoing.type_of(made): 0 for made in targets.makes() if made.follow is not None}


def _follow_some(batch: Batch, size: int, *, at: datetime) -> None:
    """Write what is derived from the next rows, in the current transaction."""
    name, after = next(iter(batch.to_follow.items()))
    made = next(made for made in targets.makes() if undoing.type_of(made) == name)
    last = made.follow(batch.pk, after, size, at) if made.follow is not None else None
    batch.to_follow = {**batch.to_follow, name: last}
    if last is None:
        del batch.to_follow[name]


def _follow(batch: Batch, *, clock: Clock) -> None:
    """What is derived from an import's rows follows in turns; an undo ends it."""
    pacer, size = Pacer(), FOLLOW_FIRST
    while batch.to_follow:
        with pacer.turn():
            fresh = Batch.objects.select_for_update().get(pk=batch.pk)
            if fresh.to_follow:
                now = clock()
                _follow_some(fresh, size, at=now)
                Batch.objects.filter(pk=batch.pk).update(to_follow=fresh.to_follow, beat_at=now)
        batch.to_follow = fresh.to_follow
        size = pacer.next_size(size, smallest=5)


def refresh(batch: Batch, *, by: "User | None", clock: Clock) -> None:
    """What many organisations derive from an import follows in turns of its own."""
    _follow(batch, clock=clock)
    pacer, size = Pacer(), REFRESH_FIRST
    while batch.to_refresh:
        with pacer.turn():
            fresh = Batch.objects.select_for_update().get(pk=batch.pk)
            now = clock()
            _refresh_some(fresh, size, by=by, at=now)
            Batch.objects.filter(pk=batch.pk).update(to_refresh=fresh.to_refresh, beat_at=now)
        batch.to_refresh = fresh.to_refresh
        size = pacer.next_size(size, smallest=1)


def _abandon(batch: Batch, worker: str, *, by: "User | None", clock: Clock) -> None:
    """Clear away what an import wrote before it failed; nobody has seen any of it."""
    with suppress(Interrupted):
        _clear(batch, worker, by=by, clock=clock)
        _fail(batch, "导入中出了错，已经清干净，一行也没有导入。可以再导入一次。", clock())


def _fail(batch: Batch, message: str, at: datetime) -> None:
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.FAILED, settled_at=at, worker="", report={"message": message}
    )
    batch.refresh_from_db()


def _clear(batch: Batch, worker: str, *, by: "User | None", clock: Clock) -> None:
    """Delete the rows and loose digests of a batch that never came to be."""
    pacer = Pacer()
    heard: list[tuple[str, int]] = []
    for made in targets.makes():
        name = undoing.type_of(made)
        heard += [(name, pk) for pk in undoing.recorded_since(made, batch)]
    _remove_all(batch, worker, pacer, clock=clock)
    _drop_loose_digests(batch, batch.key, worker, pacer, clock=clock)
    if heard:  # a move above took invisible rows along and recorded it
        with transaction.atomic():
            ledger.record(
                Kind.CLEARED,
                batch,
                organization=batch.organization_id,
                by=by,
                at=clock(),
                removed=heard,
            )


def _remove_all(batch: Batch, worker: str, pacer: Pacer, *, clock: Clock) -> None:
    for made in targets.makes():
        for ids in undoing.in_removal_order(made, undoing.ids_of(made, batch)):
            _remove_in_turns(made, ids, batch, worker, pacer, clock=clock)


def _remove_in_turns(
    made: Made, ids: Sequence[int], batch: Batch, worker: str, pacer: Pacer, *, clock: Clock
) -> None:
    start, size = 0, REMOVE_TURN
    while start < len(ids):
        piece = ids[start : start + size]
        with pacer.turn():
            now = clock()
            _hold(batch, worker, now, done=len(piece))
            late = _touched_late(made, batch, piece)
            undoing.remove(made, [pk for pk in piece if pk not in late])
            _keep_late(made, batch, late, now)
        start += len(piece)
        size = pacer.next_size(size)


def _touched_late(made: Made, batch: Batch, ids: Sequence[int]) -> set[int]:
    """Of rows about to be deleted, those that somebody had in hand when the undo was said.

    Their change is on record after it, so they stay.
    """
    if batch.undo_key is None or not made.is_alone:
        return set()
    rows = made.model._base_manager.select_for_update().filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk"))
    said = Digest.objects.filter(entry_key=batch.undo_key).order_by("-pk")
    last = said.values_list("pk", flat=True).first() or 0
    return undoing.recorded_since(made, batch, last) & set(ids)


def _keep_late(made: Made, batch: Batch, ids: Collection[int], at: datetime) -> None:
    """Let rows stay that were touched at the last moment, with what is derived from them."""
    if not ids:
        return
    for pk in ids:
        if made.follow is not None:
            made.follow(batch.pk, pk - 1, 1, at)
    made.model._base_manager.filter(pk__in=ids).update(batch=0)
    name = undoing.type_of(made)
    kept = [*batch.report.get("kept", ()), *([name, pk, "导入后改过"] for pk in ids)]
    gone = batch.report.get("gone", {})
    gone = {**gone, name: gone.get(name, 0) - len(ids)}
    batch.report = {**batch.report, "kept": kept, "gone": gone}
    batch.save(update_fields=["report"])


def _drop_loose_digests(
    batch: Batch, key: uuid.UUID, worker: str, pacer: Pacer, *, clock: Clock
) -> None:
    """Digests of an entry that was never written: the guard lets only those go."""
    loose = Digest.objects.filter(entry_key=key)
    number, size = 0, 2000
    last = loose.order_by("-number").values_list("number", flat=True).first()
    while last is not None and number <= last:
        with pacer.turn():
            _hold(batch, worker, clock())
            loose.filter(number__gte=number, number__lt=number + size).delete()
        number += size
        size = pacer.next_size(size)


def _hold(batch: Batch, worker: str, at: datetime, *, done: int = 0) -> None:
    """Keep the batch ours and show that work goes on.

    Raises:
        Interrupted: another worker has taken it over.
    """
    batch.progress += done
    ours = Batch.objects.filter(pk=batch.pk, worker=worker)
    if not ours.update(beat_at=at, progress=batch.progress):
        raise Interrupted(f"导入 {batch.pk} 已经由别处接手")


def _take_over(batch: Batch, worker: str, at: datetime) -> bool:
    """Make the batch ours unless somebody else just did."""
    free = Batch.objects.filter(pk=batch.pk, worker=batch.worker, state=batch.state)
    if not free.update(worker=worker, beat_at=at, progress=0):
        return False
    batch.refresh_from_db()
    return True


# --- taking back


def undo(batch: Batch, *, by: "User", at: datetime, clock: Clock) -> Batch:
    """Take an import back: what nothing else has touched since goes, the rest stays.

    One ledger entry says that it happened, not whom; what stays is named in the batch's
    report.

    Raises:
        Refused: ``rules.may_undo`` refuses, or somebody else was faster.
    """
    require(rules.may_undo(by, batch))
    worker = worker_name()
    taken = Batch.objects.filter(pk=batch.pk, state=Batch.State.APPLIED).update(
        state=Batch.State.TAKING_BACK,
        worker=worker,
        beat_at=clock(),
        undone_by_id=by.pk,
        undo_key=uuid.uuid4(),
        progress=0,
    )
    if not taken:
        raise Refused(no("不能撤销：别人正在撤销这份名册。"))
    batch.refresh_from_db()
    _follow(batch, clock=clock)  # what stays keeps what is derived from it
    _take_back(batch, worker, by=by, clock=clock)
    _delete(batch, worker, by=by, clock=clock)
    return batch


def _take_back(batch: Batch, worker: str, *, by: "User | None", clock: Clock) -> None:
    """Write what goes as removed, then say and hide it in one transaction.

    Looked at again in that transaction: where something was touched meanwhile, the whole
    is done again.
    """
    pacer = Pacer()
    for _ in range(TRIES):
        if batch.undo_key is None:
            raise Interrupted(f"导入 {batch.pk} 没有在撤销")
        found = undoing.plan(batch)
        digests = ledger.Digests(batch.undo_key)
        _write_removed(batch, worker, found, digests, pacer, clock=clock)
        with pacer.turn():
            _hold(batch, worker, clock())
            if not _touched_meanwhile(batch, found):
                _conclude_undo(batch, found, digests, by=by, at=clock())
                return
        _drop_loose_digests(batch, batch.undo_key, worker, pacer, clock=clock)
        batch.undo_key = uuid.uuid4()
        batch.save(update_fields=["undo_key"])
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.APPLIED, worker="", undo_key=None)
    raise Refused(no("没有撤销：这些人和组织正有人在改。请过一会儿再撤销。"))


def _write_removed(
    batch: Batch,
    worker: str,
    found: Plan,
    digests: ledger.Digests,
    pacer: Pacer,
    *,
    clock: Clock,
) -> None:
    lines = [(name, pk, b"") for name, ids in found.gone.items() for pk in ids]
    start, size = 0, 1000
    while start < len(lines):
        piece = lines[start : start + size]
        with pacer.turn():
            _hold(batch, worker, clock())
            digests.add(piece)
        start += len(piece)
        size = pacer.next_size(size)


def _touched_meanwhile(batch: Batch, found: Plan) -> bool:
    """Whether anything of the batch was touched since the plan was made."""
    for made in targets.makes():
        if undoing.recorded_since(made, batch, found.upto):
            return True
        kept = found.kept[undoing.type_of(made)].keys()
        if undoing.rested_on_from_outside(made, batch) - kept:
            return True
    return False


def _conclude_undo(
    batch: Batch, found: Plan, digests: ledger.Digests, *, by: "User | None", at: datetime
) -> None:
    """The one entry, whose removed rows are empty, and from now on they are out of sight.

    Rows that stay leave the batch; the ledger goes on vouching for them by their own last
    digest. A fresh one would only cover up what somebody altered behind its back.
    """
    for made in targets.makes():
        kept = list(found.kept[undoing.type_of(made)])
        for part in undoing.chunks(kept):
            made.model._base_manager.filter(pk__in=part).update(batch=0)
    digests.conclude(Kind.UNDONE, batch, organization=batch.organization_id, by=by, at=at)
    batch.state = Batch.State.UNDOING
    batch.total, batch.progress = found.gone_count, 0
    batch.report = {
        "kept": [[kept.type, kept.id, kept.why] for kept in found.kept_rows()],
        "gone": {name: len(ids) for name, ids in found.gone.items()},
    }
    batch.to_refresh, batch.to_follow = _still_standing(batch), {}
    for made in targets.makes():
        if made.hide is not None:
            made.hide(batch.pk)
    batch.save()
    effects.run("campaigns.forget", by=by, at=at)
    standing.forget()


def _still_standing(batch: Batch) -> list[int]:
    """Organisations that stay and lose people with this undo."""
    found: set[int] = set()
    for made in targets.makes():
        if made.homes is not None:
            found |= made.homes(batch.pk)
    return sorted(found)


def _delete(batch: Batch, worker: str, *, by: "User | None", clock: Clock) -> None:
    """Delete what is hidden and has been said to be gone."""
    pacer = Pacer()
    _remove_all(batch, worker, pacer, clock=clock)
    with pacer.turn():
        _hold(batch, worker, clock())
        batch.state, batch.worker, batch.settled_at = Batch.State.UNDONE, "", clock()
        batch.save(update_fields=["state", "worker", "settled_at"])
    refresh(batch, by=by, clock=clock)


# --- deciding


def keep_rest(batch: Batch, check: Check, preview: Preview) -> bytes:
    """The workbook of the rows given back, also kept sealed for the page to hand out."""
    content = rest.workbook(check.tables, [*preview.errors, *preview.held_back])
    storage.put(batch, "rest", content)
    return content


@transaction.atomic
def discard(batch: Batch, *, by: "User", at: datetime) -> Batch:
    """Give up an uploaded file; what waits on disk is deleted at once.

    Raises:
        Refused: ``rules.may_discard`` refuses.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    require(rules.may_discard(by, batch))
    batch.state, batch.settled_at = Batch.State.DISCARDED, at
    batch.save(update_fields=["state", "settled_at"])
    transaction.on_commit(lambda: storage.drop(batch, "workbook", "preview", "rest"))
    return batch


@transaction.atomic
def queue(batch: Batch, *, clean_only: bool, by: "User") -> Batch:
    """Leave the writing to the worker.

    Raises:
        Refused: ``rules.may_apply`` refuses.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    errors, clean = batch.counts.get("errors", 0), sum(batch.counts.get("clean", {}).values())
    require(rules.may_apply(by, batch, clean_only=clean_only, errors=errors, clean=clean))
    batch.state, batch.clean_only, batch.report = Batch.State.QUEUED, clean_only, {}
    batch.save(update_fields=["state", "clean_only", "report"])
    return batch


def say_refused(batch: Batch, reason: str) -> Batch:
    """Why a queued batch did not go on; it waits for another decision."""
    batch.refresh_from_db()
    if batch.state == Batch.State.QUEUED:
        batch.state = Batch.State.CHECKED
    batch.report = {**batch.report, "message": reason}
    batch.save(update_fields=["state", "report"])
    return batch


def say_gone(batch: Batch, *, at: datetime) -> Batch:
    """The file is not there any more; nothing can be brought in."""
    _fail(batch, "上传的文件已经不在了。请再上传一次。", at)
    return batch


# --- after an interruption


def recover(at: datetime, *, clock: Clock) -> list[int]:
    """Finish or clear away what interrupted processes left; the numbers of those batches.

    An import that was being written is removed and marked failed; an undo is finished.
    """
    settled = []
    busy = Batch.objects.filter(
        state__in=[
            Batch.State.CHECKING,
            Batch.State.WRITING,
            Batch.State.TAKING_BACK,
            Batch.State.UNDOING,
        ]
    )
    for batch in busy.order_by("pk"):
        worker = worker_name()
        if not _is_dead(batch, at) or not _take_over(batch, worker, at):
            continue
        with suppress(Interrupted, Refused):
            _settle(batch, worker, clock=clock)
            settled.append(batch.pk)
    behind = ~Q(to_refresh=[]) | ~Q(to_follow={})
    for batch in Batch.objects.filter(behind).order_by("pk"):
        if batch.is_silent(at):
            refresh(batch, by=None, clock=clock)
            settled.append(batch.pk)
    return settled


def _settle(batch: Batch, worker: str, *, clock: Clock) -> None:
    if batch.state == Batch.State.CHECKING:
        _fail(batch, "核对到一半中断了。请再上传一次。", clock())
        storage.drop(batch, "workbook", "preview")
    elif batch.state == Batch.State.WRITING:
        _clear(batch, worker, by=None, clock=clock)
        _fail(batch, "导入到一半中断了，已经清干净，一行也没有导入。请再导入一次。", clock())
    else:
        by = Account.objects.filter(pk=batch.undone_by_id).first()
        if batch.state == Batch.State.TAKING_BACK:
            if batch.undo_key is not None:
                _drop_loose_digests(batch, batch.undo_key, worker, Pacer(), clock=clock)
            _take_back(batch, worker, by=by, clock=clock)
        _delete(batch, worker, by=by, clock=clock)


def prune(at: datetime) -> int:
    """Give up files nobody decided on for a week, and delete what waited too long."""
    old = Batch.objects.filter(
        state__in=[Batch.State.CHECKED, Batch.State.FAILED], started_at__lt=at - KEEP_UNDECIDED
    )
    for batch in old:
        if storage.has(batch, "workbook"):
            storage.drop(batch, "workbook", "preview")
    old.filter(state=Batch.State.CHECKED).update(state=Batch.State.DISCARDED, settled_at=at)
    return storage.prune(at)
