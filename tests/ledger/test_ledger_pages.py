"""The ledger page and the administrators': who gets a proof, who sees where heads went."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import publishing
from zhibu.ledger.models import Entry, Publication


@pytest.fixture
def life(life, key, settings, tmp_path):
    settings.PUBLISHED_PATH = tmp_path / "published"
    settings.PUBLISH_FOLDER = str(tmp_path / "shared")
    ledger.seal(NOON - timedelta(days=1))
    publishing.publish(NOON)
    return life


@pytest.fixture
def entry(life, tree):
    rows = Entry.objects.filter(organization_id=tree.village.pk, digests_count__gt=0)
    return rows.filter(subject_type="activities.activity").first()


def as_(user):
    client = Client()
    if user:
        client.force_login(user)
    return client


def test_proof_of_an_entry_is_for_who_sees_its_ledger(entry, cast):
    address = reverse("desk:entry_proof", args=[entry.pk])

    found = {who: as_(user).get(address).status_code for who, user in cast.items()}

    expected = dict.fromkeys(cast, 404) | {"signed out": 302}
    whose = ("secretary", "committee member", "township officer", "county officer", "audit admin")
    assert found == expected | dict.fromkeys(whose, 200)


def test_ledger_page_links_the_proof_and_says_when_heads_were_sent(entry, cast, life):
    client, address = as_(cast["secretary"]), reverse("desk:ledger")
    page = client.get(address).content.decode()
    further = "".join(client.get(f"{address}?page={n}").content.decode() for n in (2, 3))

    assert reverse("desk:entry_proof", args=[entry.pk]) in page + further
    assert "本机留底" in page
    assert "送到" in page
    assert "shared" not in page


def test_audit_hand_gets_any_proof_and_sees_places(entry, life, cast):
    client = as_(cast["audit admin"])

    proof = client.get(reverse("desk:entry_proof", args=[entry.pk]))

    assert json.loads(proof.content)["entry"]["kind"] == entry.kind
    assert "shared" in client.get(reverse("desk:ledger")).content.decode()
    assert "shared" in client.get(reverse("desk:admin")).content.decode()


def test_failure_is_shown_to_administrators_with_its_reason(life, cast):
    row = Publication.objects.order_by("pk").last()
    row.done_at, row.tries, row.error = None, 3, "OSError：没有权限"
    row.save()

    page = as_(cast["system admin"]).get(reverse("desk:admin")).content.decode()

    assert "试了 3 次：OSError：没有权限" in page


def test_only_a_copy_here_is_said_to_be_no_proof(life, cast, settings):
    settings.PUBLISH_FOLDER = ""

    page = as_(cast["security admin"]).get(reverse("desk:admin"))

    assert "没有对证" in page.content.decode()


def test_entry_of_no_record_has_no_proof(life, cast):
    client = as_(cast["audit admin"])

    assert client.get(reverse("desk:entry_proof", args=[10**6])).status_code == 404
