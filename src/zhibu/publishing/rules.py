from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization
from zhibu.people.models import Holding
from zhibu.publishing.models import Publication, Voice
from zhibu.publishing.topics import Topic, worded

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_propose(user: "User", organization: Organization) -> Verdict:
    """Propose, publish what was approved, note where it hangs: the organisation's own people, or
    those above."""
    if organization.dissolved_on:
        return no(f"不能公开：{organization.called}已经撤销。")
    if standing.may(user, "publishing.propose", organization.path):
        return YES
    return no(f"不能公开：由{organization.called}的书记、委员或上级党委提出。")


def may_check(user: "User", publication: Publication) -> Verdict:
    """Look at it for secrets and privacy: never whoever proposed it."""
    if publication.state != Publication.State.DRAFTED:
        return no(f"不用审核：这一条已经是“{publication.get_state_display()}”。")
    place = publication.organization
    if not standing.may(user, "publishing.check", place.path):
        return no(f"不能审核：由{place.called}的书记、委员或上级党委审核。")
    if is_own(user, publication):
        return no("不能审核：这一条是您提出的，要别人来审核。")
    topic = _topic(publication)
    return _in_post(user, place, topic.rule.checked_by, "审核") if topic else YES


def may_approve(user: "User", publication: Publication) -> Verdict:
    """Say that it goes out: holders of the posts the catalogue names, where it names some."""
    if publication.state != Publication.State.CHECKED:
        said = publication.get_state_display()
        return no(f"不能审批：审核过了才审批，这一条现在是“{said}”。")
    place = publication.organization
    if not standing.may(user, "publishing.approve", place.path):
        return no(f"不能审批：由{place.called}的书记或上级党委审批。")
    topic = _topic(publication)
    return _in_post(user, place, topic.rule.approved_by, "审批") if topic else YES


def may_publish(user: "User", publication: Publication) -> Verdict:
    if publication.state != Publication.State.APPROVED:
        said = publication.get_state_display()
        return no(f"不能公开：审批了才公开，这一条现在是“{said}”。")
    return may_propose(user, publication.organization)


def may_return(user: "User", publication: Publication) -> Verdict:
    """Send back what is on its way, or take back one's own: whoever may check or approve there."""
    if publication.state not in Publication.UNDER_WAY:
        return no(f"不能退回：这一条已经是“{publication.get_state_display()}”。")
    path = publication.organization.path
    if standing.may(user, "publishing.check", path) or standing.may(
        user, "publishing.approve", path
    ):
        return YES
    return no(f"不能退回：由{publication.organization.called}审核、审批的人退回。")


def may_withdraw(user: "User", publication: Publication) -> Verdict:
    """Take down what is out, at once: whoever may check there, whether or not its time is over."""
    if not publication.is_standing:
        return no(f"不用撤：这一条现在是“{publication.get_state_display()}”。")
    if standing.may(user, "publishing.check", publication.organization.path):
        return YES
    return no(f"不能撤：由{publication.organization.called}的书记、委员或上级党委撤。")


def may_look_again(user: "User", publication: Publication) -> Verdict:
    """Say that it still holds: whoever may check there, where it is to be looked at again."""
    topic = _topic(publication)
    is_asked = publication.review_on is not None and topic is not None and topic.rule.review_after
    if not publication.is_standing or not is_asked:
        return no("不用再看：这一条没有写哪天再看一遍，或者不在公开。")
    if standing.may(user, "publishing.check", publication.organization.path):
        return YES
    return no(f"不能写看过：由{publication.organization.called}的书记、委员或上级党委看。")


def may_post(user: "User", publication: Publication) -> Verdict:
    """Note where else it hangs, and that it was taken down there."""
    if not publication.is_standing:
        return no("不能登记：公开了、没有撤下的才登记贴在哪里。")
    return may_propose(user, publication.organization)


def may_answer(user: "User", voice: Voice) -> Verdict:
    if voice.is_answered:
        return no("不用答复：已经答复了。")
    place = voice.publication.organization
    if standing.may(user, "publishing.answer", place.path):
        return YES
    return no(f"不能答复：由{place.called}或上级党委答复。")


def may_read(user: "User", publication: Publication) -> Verdict:
    """Say that one has read it oneself, where one may read it; never for somebody else. A query
    where nothing else speaks against it."""
    if user.person_id is None:
        return no("不能签收：您的账号没有对应的人。")
    if not publication.is_standing:
        return no("不能签收：这一条没有在公开，看新的一版。")
    if not Publication.objects.visible_to(user).filter(pk=publication.pk).exists():
        return no("不能签收：这一条不是向您公开的。")
    return YES


def is_own(user: "User", publication: Publication) -> bool:
    """Whether ``user`` proposed it, under this account or another of the same person."""
    proposer = publication.proposed_by
    return proposer.pk == user.pk or (
        user.person_id is not None and proposer.person_id == user.person_id
    )


def _topic(publication: Publication) -> Topic | None:
    return worded(publication.topic, publication.wording)


def _in_post(user: "User", place: Organization, posts: Collection[str], word: str) -> Verdict:
    """Where posts are named, one of them is held at ``place`` today. A query where some are."""
    if not posts:
        return YES
    today: date = timezone.localdate()
    held = Holding.objects.in_post_on(today).filter(
        post__organization=place, post__kind__in=posts, person=user.person_id or 0
    )
    if held.exists():
        return YES
    known = tree.post_kinds(place.kind, today)
    titles = "、".join(known[post].title if post in known else post for post in posts)
    return no(f"不能{word}：由{place.called}的{titles}{word}。")
