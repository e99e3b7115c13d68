"""Standing that comes from the account itself: the three hands and the system account."""

from collections.abc import Iterator
from datetime import date

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core.standing import Standing, provides


@provides
def from_account(user: User, on: date) -> Iterator[Standing]:
    role_id = "system" if user.is_system else user.admin_role
    if role_id:
        role = roles.get(role_id)
        yield Standing(role.id, role.grants, role.reach, None, "", role.title)
