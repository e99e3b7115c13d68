"""Who may import where, and what may be done with an import in which state."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.imports import targets
from zhibu.imports.models import Batch
from zhibu.imports.targets import Ground

if TYPE_CHECKING:
    from zhibu.accounts.models import User

PERMISSION = "imports.run"
NOT_YOURS = "不能导入名册：要上级党委的同志，在自己的辖区里导入。"


def grounds(user: "User") -> list[Ground]:
    """Where ``user`` may hang a roster, in the order of their posts."""
    found: dict[int | None, Ground] = {}
    for held in standing.with_permission(user, PERMISSION):
        ground = Ground(held.organization_id, held.path, held.organization_name)
        found.setdefault(held.organization_id, ground)
    return list(found.values())


def may_run(user: "User", ground: Ground, subject: str = "") -> Verdict:
    """Whether ``user`` may import below ``ground``; the top is for who reaches everywhere. What
    has to be asked for is judged by its own area."""
    if asked := targets.asked(subject):
        return asked.may_run(user, ground, subject)
    for held in standing.with_permission(user, PERMISSION):
        if held.reach == "everywhere" or (ground.path and held.covers(ground.path)):
            return YES
    return no(NOT_YOURS)


def may_see(user: "User", batch: Batch) -> Verdict:
    return may_run(user, Ground(batch.organization_id, batch.path), batch.subject)


def may_apply(user: "User", batch: Batch, *, clean_only: bool, errors: int, clean: int) -> Verdict:
    """``errors`` refused rows (and faults of the whole file), ``clean`` rows to come in."""
    verdict = may_see(user, batch)
    if not verdict:
        return verdict
    if batch.state not in {Batch.State.CHECKED, Batch.State.QUEUED, Batch.State.FAILED}:
        return no(f"不能导入：这份名册{batch.get_state_display()}。")
    if not clean:
        return no("不能导入：没有一行能导入。请照提示改好文件，再传一次。")
    if errors and not clean_only:
        return no(
            f"不能全部导入：有 {errors} 处错误。可以先导入没有错的，有错的退回去改；"
            "或者改好文件，再传一次。"
        )
    return YES


def may_undo(user: "User", batch: Batch) -> Verdict:
    verdict = may_see(user, batch)
    if not verdict:
        return verdict
    if batch.state != Batch.State.APPLIED:
        return no(f"不能撤销：这份名册{batch.get_state_display()}。")
    return YES


def may_discard(user: "User", batch: Batch) -> Verdict:
    verdict = may_see(user, batch)
    if not verdict:
        return verdict
    if batch.state not in {Batch.State.CHECKED, Batch.State.QUEUED, Batch.State.FAILED}:
        return no(f"不用放弃：这份名册{batch.get_state_display()}。")
    return YES
