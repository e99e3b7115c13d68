from typing import TYPE_CHECKING

from zhibu.core.verdicts import Verdict, no
from zhibu.desk.models import Trial
from zhibu.packs import rules as packs
from zhibu.packs.models import StoredPack

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_confirm(user: "User", stored: StoredPack, trial: Trial | None) -> Verdict:
    """The second hand, once every worked example came out as it says."""
    verdict = packs.may_confirm(user, stored)
    if not verdict or trial is None or trial.has_passed:
        return verdict
    if trial.finished_at is None:
        return no("还不能确认：例子还没有走完，请等一会儿再看。")
    return no("不能确认：有例子走出来和写的不一样，要改过换版本号再提。")
