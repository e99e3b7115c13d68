from datetime import timedelta

import pytest

from tests.conftest import NOON
from zhibu.ledger import signing


@pytest.fixture
def key_path(tmp_path, settings):
    settings.LEDGER_KEY_PATH = tmp_path / "ledger.json"
    return settings.LEDGER_KEY_PATH


@pytest.fixture
def key(key_path):
    """A signing key, as an installation has it."""
    signing.write(signing.generate(NOON), key_path)
    return key_path


@pytest.fixture
def rotate(key):
    def rotate(days=1):
        signing.write(signing.rotated(signing.held(), NOON + timedelta(days=days)), key)

    return rotate
