"""Shared situations: a small tree, people in posts, fixed days."""

import os
from datetime import UTC, date, datetime

import pytest
from django.db import connections, transaction
from django.test import TransactionTestCase
from hypothesis import settings as properties

from zhibu.ledger import guard

pytest_plugins = ["tests.installations"]

properties.register_profile("zhibu", deadline=None)  # the machine may be busy
properties.load_profile("zhibu")

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
TODAY = date(2026, 11, 20)
ASKS = {"db", "transactional_db", "new_home"}


def pytest_collection_modifyitems(config, items):
    """On another database than the default, only what touches a database can differ; not what
    is marked ``alike``; and of a test of many cases, unless it is marked ``every``, one."""
    if not os.environ.get("ZHIBU_DATABASE"):
        return
    asks, alike, known = [], [], set()
    for item in items:
        touches = ASKS & set(item.fixturenames) or item.get_closest_marker("django_db")
        name = (item.path, item.originalname)
        is_first = name not in known or item.get_closest_marker("every")
        may_differ = touches and is_first and not item.get_closest_marker("alike")
        if may_differ:
            known.add(name)
        (asks if may_differ or item.get_closest_marker("browser") else alike).append(item)
    config.hook.pytest_deselected(items=alike)
    items[:] = asks


@pytest.fixture(autouse=True)
def _fast(settings):
    """Cheap password hashes and plain static files: neither is under test here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session", autouse=True)
def _flush_with_the_guard_off():
    """Tests that really commit empty the tables afterwards; the ledger's guard forbids it.

    It is taken off for that alone, so that every test begins under guard. Rows are deleted, which
    is quicker than anything for tables this small; what ``migrate`` wrote stays, or it would be
    written again each time.
    """
    flush = TransactionTestCase._fixture_teardown

    def flush_unguarded(self):
        for alias in self._databases_names(include_mirrors=False):
            guard.remove(connections[alias], guard.guarded())
            try:
                delete_every_row(connections[alias])
            finally:
                guard.install(connections[alias], guard.guarded())

    TransactionTestCase._fixture_teardown = flush_unguarded
    yield
    TransactionTestCase._fixture_teardown = flush


OF_MIGRATE = {"django_migrations", "django_content_type", "auth_permission"}


def delete_every_row(connection):
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    ours = [connection.ops.quote_name(table) for table in tables if table not in OF_MIGRATE]
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(connection.alias),
        connection.cursor() as cursor,
    ):
        for table in ours:
            cursor.execute(f"delete from {table}")


@pytest.fixture
def clock():
    """Noon of 20 November 2026, for views that must ask the clock."""
    import time_machine

    with time_machine.travel(NOON, tick=False) as frozen:
        yield frozen


@pytest.fixture
def system(db):
    from tests import remembered
    from zhibu.accounts import actions
    from zhibu.accounts.models import User

    return remembered.situation(
        "system",
        lambda: actions.ensure_system_account(NOON),
        lambda user: User.objects.get(pk=user.pk),
    )


@pytest.fixture
def tree(system):
    """A county with two townships; one has a general branch, each has branches."""
    from tests import factories, remembered

    return remembered.situation("tree", lambda: factories.small_tree(system), factories.reread)


@pytest.fixture
def cast(tree):
    """One user for each way of standing towards the first village branch."""
    from tests import factories, remembered

    return remembered.situation("cast", lambda: factories.cast_for(tree), factories.reread_cast)


@pytest.fixture
def life(tree, cast, clock):
    """The county of ``tests.scenes``, where something of everything has happened."""
    from tests import remembered, scenes

    return remembered.situation("life", lambda: scenes.live(tree, cast), scenes.reread)


@pytest.fixture(scope="session")
def scene_home(tmp_path_factory):
    """Where the files of the permission table's county lie, as long as its rows are remembered.

    One a process, whichever folder of tests asks first: the rows name files in it.
    """
    return tmp_path_factory.mktemp("permissions")


@pytest.fixture
def queries_of(client):
    """How many queries the signed-in ``client`` takes for a page, its session settled."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(address):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    return count
