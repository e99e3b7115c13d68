import pytest
from django.db import DatabaseError, connection, transaction

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard
from zhibu.ledger.models import Digest

COLUMN = {
    "ledger_entry": "kind",
    "ledger_digest": "subject_type",
    "ledger_head": "algorithm",
    "ledger_sealed": "position",
}


@pytest.fixture
def sealed(cast):
    ledger.seal(NOON)


def execute(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set constraints all immediate")  # nothing may be pending
        cursor.execute(statement)


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


def test_every_table_of_the_ledger_is_guarded():
    assert set(guard.TABLES) == set(COLUMN)


@pytest.mark.parametrize("table", guard.TABLES)
@pytest.mark.parametrize(
    "statement",
    ["update {table} set {column} = {column}", "delete from {table}", "truncate {table} cascade"],
)
def test_change_by_sql_is_refused(table, statement, sealed):
    if statement.startswith("truncate") and connection.vendor == "sqlite":
        pytest.skip("SQLite has no truncate")
    before = count(table)
    assert before

    with pytest.raises(DatabaseError, match="append only"):
        execute(statement.format(table=table, column=COLUMN[table]))

    assert count(table) == before


@pytest.mark.parametrize("table", guard.TABLES)
def test_change_of_one_row_is_refused_too(table, sealed):
    key = {"ledger_head": "number", "ledger_sealed": "position"}.get(table, "id")

    with pytest.raises(DatabaseError, match="append only"):
        execute(f"delete from {table} where {key} = (select max({key}) from {table})")


def test_digests_of_an_unfinished_import_may_go(sealed):
    import uuid

    with transaction.atomic():
        ledger.Digests(uuid.uuid4()).add([("people.person", 1, bytes(32))])
    loose = Digest.objects.latest("pk")

    execute(f"delete from ledger_digest where id = {loose.pk}")

    assert not Digest.objects.filter(pk=loose.pk).exists()


def test_guard_comes_off_and_on_again(sealed):
    guard.remove(connection)
    execute("update ledger_entry set kind = kind")
    guard.install(connection)

    with pytest.raises(DatabaseError, match="append only"):
        execute("update ledger_entry set kind = kind")
