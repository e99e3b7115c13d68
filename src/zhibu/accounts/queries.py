from collections.abc import Sequence

from zhibu.accounts.models import User

DEMO_SHOWN = 30


def demo_accounts() -> Sequence[User]:
    """Accounts of a demo that can sign in, by name; one query, at most 30."""
    rows = User.objects.able_to_sign_in().filter(is_demo=True).order_by("username")
    return list(rows[:DEMO_SHOWN])
