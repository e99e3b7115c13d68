import logging

import pytest

from tests import remembered
from tests.permissions import scene as building
from zhibu.core import context, pacing


@pytest.fixture
def scene(db, clock, settings, monkeypatch, scene_home):
    """The county of the table, as it was built.

    Pages are drawn without their navigation: its counts cost a quarter of every request, and
    a word that stands in it would hide whether the page itself says it.
    """
    settings.HOME, settings.MEDIA_ROOT, settings.IS_DEMO = scene_home, scene_home / "media", False
    monkeypatch.setattr(pacing, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(context, "_places", lambda request: [])
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    return remembered.situation(
        "permissions", lambda: building.build(scene_home), lambda made: made
    )
