"""Telling whoever comes next that something waits, whoever proposed what came of it, and whoever
ought to read it that it is out.

Told of a step are those in a post at the place itself whose role may take it; where it has nobody
else, those of the nearest place above. Never whoever took the step before.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core import paths
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization
from zhibu.people.models import Holding, Person
from zhibu.publishing import topics
from zhibu.publishing.models import Publication, Voice

notice_kinds.register("to-publish", "有一条公开轮到您办")
notice_kinds.register("published", "您提的公开有结果了")
notice_kinds.register("to-read", "有一条公开请您看")
notice_kinds.register("to-look-again", "有一条公开该再看一遍了")
notice_kinds.register("voice", "群众提了问题或异议")

_NEXT = {
    Publication.State.DRAFTED: ("publishing.check", "审核"),
    Publication.State.CHECKED: ("publishing.approve", "审批"),
    Publication.State.APPROVED: ("publishing.propose", "公开"),
}


def tell_next(
    publication: Publication, *, by: User | None, at: datetime, is_again: bool = False
) -> None:
    """Whoever may take the next step hears so; ``by`` took the last. ``is_again``: it has become
    that of another organisation. Three queries and a notice."""
    permission, word = _NEXT[Publication.State(publication.state)]
    topic = topics.worded(publication.topic, publication.wording)
    posts: Collection[str] = ()
    if topic and publication.state == Publication.State.DRAFTED:
        posts = topic.rule.checked_by
    elif topic and publication.state == Publication.State.CHECKED:
        posts = topic.rule.approved_by
    place = publication.organization
    is_for_another = publication.state == Publication.State.DRAFTED
    notify(
        _standing_by(
            place, permission, timezone.localdate(at), posts=posts, but=by,
            is_for_another=is_for_another,
        ),
        key=f"to-publish:{publication.pk}:{publication.state}" + (f":{place.pk}" * is_again),
        title=f"等您{word}：{publication.title}",
        body=f"要公开的，{topic.title if topic else publication.topic}，{place.called}。",
        url=publication.get_absolute_url(),
        at=at,
    )  # fmt: skip


def tell_proposer(publication: Publication, *, by: User, at: datetime) -> None:
    """Whoever proposed it hears that it is out, sent back or taken down, unless they did that."""
    proposer = publication.proposed_by
    if _is_same(proposer, by):
        return
    because = publication.stopped_because
    notify(
        [proposer.pk],
        key=f"published:{publication.pk}:{publication.state}",
        title=f"{publication.get_state_display()}了：{publication.title}",
        body=f"为什么：{because}" if because else f"{publication.organization.called}。",
        url=publication.get_absolute_url(),
        at=at,
    )


def tell_readers(publication: Publication, *, by: User, at: datetime) -> None:
    """Whom it was made public to by name, and who ought to read it and say so, hear that it is out.
    Two queries where it is for somebody, and a notice for every 500."""
    topic = topics.worded(publication.topic, publication.wording)
    if publication.scope == Publication.Scope.PEOPLE:
        people = Person.objects.filter(pk__in=publication.audience.values("person"))
        word = "公开给您"
    elif topic and topic.rule.has_receipts:
        members = Person.objects.members_on(timezone.localdate(at))
        people, word = members.under(publication.organization.path), "请看，看过签收"
    else:
        return
    users = User.objects.able_to_sign_in().filter(person_id__in=people.values("pk"))
    notify(
        users.exclude(pk=by.pk).values_list("pk", flat=True),
        key=f"to-read:{publication.pk}",
        title=f"{word}：{publication.title}",
        body=f"{publication.organization.called}公开的。",
        url=publication.get_absolute_url(),
        at=at,
    )


def tell_to_look_again(publication: Publication, *, at: datetime) -> None:
    """Those who may check there hear that its day has come, once for each such day. Two queries
    and a notice."""
    place = publication.organization
    notify(
        _standing_by(place, "publishing.check", timezone.localdate(at)),
        key=f"to-look-again:{publication.pk}:{publication.review_on}",
        title=f"该再看一遍了：{publication.title}",
        body=f"{place.called}公开的，还用不用、还在不在。还用的点“再看了一遍，还用”。",
        url=publication.get_absolute_url(),
        at=at,
    )


def tell_of_voice(voice: Voice, *, at: datetime, is_again: bool = False) -> None:
    """Whoever may answer there hears of a question or objection, not what was said. ``is_again``:
    it has become others' to answer. Two queries and a notice."""
    publication = voice.publication
    place = publication.organization
    notify(
        _standing_by(place, "publishing.answer", timezone.localdate(at)),
        key=f"voice:{voice.pk}" + ":again" * is_again,
        title=f"有人{voice.get_kind_display()}：{publication.title}",
        body=f"{place.called}公开的。打开看说了什么，在这里答复。",
        url=reverse("publishing:voice", args=[voice.pk]),
        at=at,
    )


def _standing_by(
    place: Organization, permission: str, on: date, *, posts: Collection[str] = (),
    but: User | None = None, is_for_another: bool = False,
) -> list[int]:  # fmt: skip
    """Accounts of those in post at ``place`` whose role grants ``permission``, ``but`` one person;
    of the nearest place above where there are none, ``but`` not counted where the step
    ``is_for_another``. ``posts``: in such a post there, and nowhere above. Two queries."""
    reaching = {name: role for name, role in roles.catalogue().items() if permission in role.grants}
    held = Holding.objects.in_post_on(on).filter(post__role__in=reaching)
    if posts:
        held = held.filter(post__organization=place, post__kind__in=posts)
    else:
        held = held.filter(post__organization__path__in=paths.ancestors(place.path))
    people: dict[str, set[int]] = {}
    for path, role, person in held.values_list("post__organization__path", "post__role", "person"):
        if path == place.path or reaching[role].reach == "subtree":
            people.setdefault(path, set()).add(person)
    everybody = set[int]().union(*people.values())
    accounts = User.objects.able_to_sign_in().filter(person_id__in=everybody)
    mine = but.person_id if but is not None else None
    able = dict(accounts.values_list("pk", "person_id"))
    for path in sorted(people, key=len, reverse=True):
        there = {pk: person for pk, person in able.items() if person in people[path]}
        others = [pk for pk, person in there.items() if person != mine]
        if others or (there and not is_for_another):
            return others
    return []


def _is_same(one: User, other: User) -> bool:
    return one.pk == other.pk or (one.person_id is not None and one.person_id == other.person_id)
