import pytest

from tests.registers import books


@pytest.fixture
def world(cast, tree, clock):
    """The invented registers in use in the county."""
    with books.adopted(tree) as pack:
        yield pack
