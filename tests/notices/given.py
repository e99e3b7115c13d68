"""Situations of these tests in a word."""

from tests.conftest import NOON
from zhibu.notices import actions, choosing, hooks
from zhibu.notices.models import Preference, Webhook
from zhibu.notices.pace import Rhythm

ADDRESS = "wang@example.org"


def wants_mail(user, *, address=ADDRESS, rhythm=Rhythm.FIVE, hour=8, confirmed=True):
    """As after choosing mail and confirming the address."""
    row = Preference(user=user, rhythm=rhythm, hour=hour, chosen_at=NOON)
    row.address = address
    row.confirmed_at = NOON if confirmed else None
    row.save(force_insert=True)
    return row


def webhook(by, site, *, kinds=("case",), rhythm=Rhythm.NOW, **more):
    """In use, to the web server on this machine."""
    wanted = hooks.Wanted(title="短信平台", address=site.address, kinds=kinds, rhythm=rhythm,
                          hour=8, **more)  # fmt: skip
    hook, _ = hooks.add(wanted, by=by, at=NOON)
    return Webhook.objects.get(pk=hook.pk)


def told(*users, key="case:7:1", title="轮到您：王芳的处分", body="王芳", at=NOON, url="/cases/7/"):
    """A notice whose own words name somebody."""
    actions.notify([user.pk for user in users], key=key, title=title, body=body, url=url, at=at)


def code_of(user):
    return choosing.of(user).code
