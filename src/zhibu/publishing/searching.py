"""What the one search field finds in what is made public, by title, and what may be kept of its
list."""

from datetime import date
from typing import TYPE_CHECKING, Any

from zhibu.core import filters, standing
from zhibu.core.navigation import Way, also
from zhibu.core.searching import Hit, Section, register
from zhibu.publishing.models import Publication

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _sees(user: "User") -> bool:
    return standing.may_anywhere(user, "publishing.view") or standing.may_anywhere(
        user, "publishing.shared"
    )


def _answers(user: "User") -> bool:
    return standing.may_anywhere(user, "publishing.answer")


def _proposes(user: "User") -> bool:
    return standing.may_anywhere(user, "publishing.propose")


def _publications(user: "User", text: str, on: date) -> Any:
    rows = Publication.objects.visible_to(user).filter(title__icontains=text)
    return rows.select_related("organization").order_by("-proposed_at", "-pk")


def _publication(publication: Publication) -> Hit:
    line = f"{publication.get_state_display()} · {publication.organization.called}"
    return Hit(publication.title, publication.get_absolute_url(), line)


filters.register(filters.Kept("publishing:list", "公开", ("q", "view", "topic")))
register(Section("公开", "board", 47, _sees, _publications, _publication, "publishing:list"))
also(Way("公开目录", "publishing:due", _proposes, "拟公开 村务公开 党务公开 财务公开"))
also(Way("问题和异议", "publishing:voices", _answers, "答复 群众 异议 公示"))
