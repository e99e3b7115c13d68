"""The demo as it is built: what residents can see, ask for and hear back can be tried in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.cases.models import Case
from zhibu.cli import demo_county
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.pairings import rotas
from zhibu.pairings.models import Turn
from zhibu.people.models import Person
from zhibu.portal import actions as portal
from zhibu.portal.queries import doors
from zhibu.publishing.models import Publication
from zhibu.registers.models import Row

SHOWN = {
    "seeds/four-deliberations:decision", "seeds/one-matter:project", "seeds/rectification:rectify",
    "seeds/deliberation:deliberate",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db
def test_the_public_side_can_be_tried_in_the_demo():
    at = timezone.now()
    made = demo_county.build(place="321012", by=accounts.ensure_system_account(at), at=at)
    known = {user.username: user for user in User.objects.filter(is_system=False)}
    assert {"secretary", "member", "discipline", "town-discipline"} <= {a.username for a in made}
    branch = Organization.objects.get(code="321012100007")
    _report(branch, known)
    _neighbours(branch)
    _swap(branch, known)
    _from_records()
    bodies = Organization.objects.filter(
        kind__in=["village-committee", "supervision-committee"]
    ).values_list("parent__kind", flat=True)
    assert list(bodies) == ["branch", "branch"]


def _report(branch, known):
    """A report at the branch's own door reaches the discipline body above, nobody else."""
    held = doors(branch, timezone.localdate())["national/petitions:report"]
    secretary = known["secretary"]
    ticket, _ = portal.ask(
        branch, held=held, values={"what": "收了钱没有开票", "whom": secretary.display_name,
                                   "unit": Named(branch.pk, branch.called)},
        seal="trial", at=timezone.now(),
    )  # fmt: skip
    seen = {name for name in ("secretary", "member", "township", "county", "discipline",
                              "town-discipline")
            if Case.objects.visible_to(known[name]).filter(pk=ticket.case_id).exists()}  # fmt: skip
    assert seen == {"town-discipline"}


def _neighbours(branch):
    cases = Case.objects.filter(organization=branch)
    opinions = cases.filter(procedure="seeds/verbatim:opinion")
    assert sorted(opinions.values_list("ended_as", flat=True)) == ["", "", "满意"]
    deliberated = cases.get(procedure="seeds/deliberation:deliberate")
    assert deliberated.facts["said_residents"]
    compacts = Row.objects.filter(organization=branch, register="seeds/estates:compacts")
    assert [row.until is None for row in compacts.order_by("pk")] == [False, True]
    assert cases.get(procedure="seeds/requests:firm-problem").ended_as == "解决"
    assert Row.objects.filter(organization=branch, register="seeds/firm-roster:firms").count() == 3


def _swap(branch, known):
    turn = Turn.objects.get(rota__organization=branch, offered_at__isnull=False)
    assert turn.person_id == known["member"].person_id
    assert turn.on > timezone.localdate() + timedelta(days=1)
    taker = Person.objects.get(pk=known["secretary"].person_id)
    taken = rotas.take_turn(turn, person=taker, by=known["secretary"], at=timezone.now())
    assert taken.person == taker


def _from_records():
    shown = Publication.objects.published().exclude(source="")
    drawn = Case.objects.filter(pk__in=shown.filter(source="cases").values("record"))
    assert set(drawn.values_list("procedure", flat=True)) >= SHOWN
    money = shown.get(source="money")
    assert "58,300.00 元" in [line["text"] for line in money.lines]
