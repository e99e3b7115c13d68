"""Who asks: a token, or for reading the browser's own session.

A session never acts here: so no other site can make a browser do something.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from zhibu.api import actions, rules
from zhibu.api.models import Token
from zhibu.core import rate
from zhibu.core.verdicts import require

LIMIT, WITHIN = 600, timedelta(minutes=10)
MOST_WRONG, WRONG_WITHIN = 30, timedelta(minutes=15)


class Unknown(Exception):
    """Nobody we know asks: 401 with what to do."""


class TooMany(Exception):
    """Too often: 429. ``wait`` is how long at most."""

    def __init__(self, text: str, wait: timedelta) -> None:
        super().__init__(text)
        self.wait = wait


class ByToken(HttpBearer):
    """``Authorization: Bearer zhibu_…``: from here on the request is its owner's."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        now = timezone.now()
        found, why = actions.recognize(token, at=now)
        if found is None:
            address = request.META.get("REMOTE_ADDR", "")
            if not rate.is_within(
                "api-wrong", address, limit=MOST_WRONG, within=WRONG_WITHIN, at=now
            ):
                raise TooMany("错的令牌试得太多了，请过 15 分钟再试。", WRONG_WITHIN)
            raise Unknown(why)
        if not rate.is_within("api", str(found.pk), limit=LIMIT, within=WITHIN, at=now):
            raise TooMany(f"太快了：一个令牌 10 分钟最多 {LIMIT} 次，请歇一会儿。", WITHIN)
        actions.note_use(found, at=now)
        request.user = found.user
        return found


class ByTokenThatActs(ByToken):
    """The same for what changes something: a token for reading is refused."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = super().authenticate(request, token)
        assert isinstance(found, Token)
        require(rules.may_act(found))
        return found


READS = [ByToken(), SessionAuth()]
ACTS = [ByTokenThatActs()]
