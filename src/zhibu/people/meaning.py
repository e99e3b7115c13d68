"""What posts and catalogues in a pack may refer to, and what may refer to member groups."""

from collections.abc import Iterator

from pydantic import BaseModel

from zhibu.accounts import roles
from zhibu.core.predicates import Test
from zhibu.organizations.models import Kind
from zhibu.packs.meaning import Others, checks, checks_every_kind, find
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.catalogues import Catalogue
from zhibu.packs.schema.posts import PostKind


@checks("posts")
def post(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    item = wording.item
    assert isinstance(item, PostKind)
    found = []
    if item.role not in roles.catalogue() or item.role in (*roles.ADMIN_ROLES, "system"):
        known = [r for r in roles.catalogue() if r not in (*roles.ADMIN_ROLES, "system")]
        found.append(
            Fault(wording.file, "role", f"没有角色 {item.role}", f"可用的有 {'、'.join(known)}")
        )
    for kind in item.of:
        if kind not in Kind.values and kind != "party-group":
            found.append(
                Fault(
                    wording.file, "of", f"没有组织类别 {kind}", f"可用的有 {'、'.join(Kind.values)}"
                )
            )
    posts = {id_ for one in (pack, *others.values()) for kind, id_ in one.items if kind == "posts"}
    found += [
        Fault(wording.file, "apart_from", f"没有职务 {name}", "写 posts 里有的编号")
        for name in item.apart_from
        if name not in posts
    ]
    return found


@checks("catalogues")
def catalogue(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    """Leading posts are posts of some pack."""
    item = wording.item
    assert isinstance(item, Catalogue)
    if item.of != "leading-posts":
        return []
    known = {id_ for one in others.values() for kind, id_ in one.items if kind == "posts"}
    return [
        Fault(wording.file, f"entries.{entry.id}", "没有这个职务", "写 posts 里有的编号")
        for entry in item.entries
        if entry.id not in known
    ]


@checks_every_kind
def groups_named(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    """A condition names a member group that some catalogue lists."""
    return [
        Fault(
            wording.file,
            test.is_,
            f"没有党员类别 {group}",
            "写成 出版者/包:目录/类别，检查有没有拼错",
        )
        for test in _tests(wording.item)
        if test.is_ == "in_member_group"
        and not _is_listed(group := str(test.with_.get("group", "")), others)
    ]


def _tests(value: object) -> Iterator[Test]:
    """Every test of the conditions in an item, however deep."""
    if isinstance(value, Test):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _tests(getattr(value, name))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _tests(one)


def _is_listed(token: str, packs: Others) -> bool:
    reference, _, entry_id = token.rpartition("/")
    return any(
        wording.item.of == "member-groups"
        and entry_id in {entry.id for entry in wording.item.entries}
        for wording in find(reference, "catalogues", packs)
        if isinstance(wording.item, Catalogue)
    )
