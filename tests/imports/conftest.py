import pytest

from zhibu.core import pacing


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    """Nobody else waits for the lock in these tests."""
    monkeypatch.setattr(pacing, "PAUSE_SECONDS", 0)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """Uploaded files wait in a folder of the test's own."""
    settings.HOME = tmp_path
