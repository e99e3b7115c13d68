import pytest

from tests.publishing import topics


@pytest.fixture
def board(cast, tree, clock):
    """The invented catalogue in use in the county."""
    with topics.adopted(tree) as pack:
        yield pack


@pytest.fixture
def publication(board, cast, tree):
    """Something the first village has made public: proposed by its committee member, checked and
    approved by its secretary."""
    return topics.published(tree.village, by=cast["committee member"], checker=cast["secretary"])
