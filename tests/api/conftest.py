import pytest

from tests import remembered
from tests.api.asking import tokens_of
from tests.permissions.conftest import scene  # noqa: F401 - the county of the table


@pytest.fixture
def tokens(scene):  # noqa: F811
    """A token that may act for everybody of the permission table, by standing."""
    return remembered.situation("api", lambda: tokens_of(scene), lambda made: made)
