import logging

import pytest

from tests import remembered
from tests.permissions import scene as building
from zhibu.core import context, pacing


@pytest.fixture(scope="session")
def _home(tmp_path_factory):
    """Where the scene's files lie, for as long as its rows are remembered."""
    return tmp_path_factory.mktemp("permissions")


@pytest.fixture
def scene(db, clock, settings, monkeypatch, _home):
    """The county of the table, as it was built.

    Pages are drawn without their navigation: its counts cost a quarter of every request, and
    a word that stands in it would hide whether the page itself says it.
    """
    settings.HOME, settings.MEDIA_ROOT, settings.IS_DEMO = _home, _home / "media", False
    monkeypatch.setattr(pacing, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(context, "_places", lambda request: [])
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    return remembered.situation("permissions", lambda: building.build(_home), lambda made: made)
