"""Who may add and remove files: the area that owns the record says, within our limits."""

from typing import TYPE_CHECKING

from zhibu.core.verdicts import Verdict, no
from zhibu.files import owners
from zhibu.files.models import Attachment

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_attach(user: "User", owner_type: str, owner_id: int, *, present: int) -> Verdict:
    """Whether one more file may be added to a record that has ``present`` already."""
    owner = owners.get(owner_type)
    verdict = owner.may_change(user, owner_id)
    if verdict and present >= owner.most:
        return no(f"不能再加：已经有 {present} 个附件，最多 {owner.most} 个。可以先移除用不着的。")
    return verdict


def may_remove(user: "User", attachment: Attachment) -> Verdict:
    if attachment.removed_at:
        return no("不用办：这个附件已经移除。")
    return owners.get(attachment.owner_type).may_remove(user, attachment.owner_id)
