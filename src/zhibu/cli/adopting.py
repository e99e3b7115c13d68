"""Adopting a pack from the console."""

from collections.abc import Sequence
from datetime import date

from zhibu.cli.console import DONE, acting, say, usage


def adopt(
    *,
    pack: str,
    organization: str,
    since: date,
    fields: Sequence[str],
    paper: str,
    guided: bool,
    as_user: str,
) -> int:
    with acting("adopt", as_user) as by:
        from django.utils import timezone

        from zhibu.adoptions import actions
        from zhibu.adoptions.models import Adoption
        from zhibu.organizations.models import Organization

        found = Organization.objects.filter(code=organization).first()
        if found is None:
            usage(f"没有组织代码 {organization}。")
        actions.adopt(
            pack=pack,
            organization=found,
            since=since,
            fields=fields,
            paper=paper,
            reach=Adoption.Reach.GUIDED if guided else Adoption.Reach.SUBTREE,
            by=by,
            at=timezone.now(),
        )
        whom = "所指导的组织" if guided else ""
        say(f"{found.name}{whom}从 {since} 起采用 {pack}。")
    return DONE
