import pytest

from tests.publishing.conftest import board, publication
from zhibu.portal import cache

__all__ = ["board", "publication"]


@pytest.fixture(autouse=True)
def _empty_shelf():
    """No test finds what another one kept."""
    cache.SHELF.empty()
    yield
    cache.SHELF.empty()
