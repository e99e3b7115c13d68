import pytest

from zhibu.core.verdicts import YES, no
from zhibu.files import owners

TYPE = "tests.record"


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def records(monkeypatch, cast, media):
    """Records 1 and 2 belong to the secretary, the member sees 1, nobody else anything."""
    monkeypatch.setattr(owners, "_registry", dict(owners._registry))
    sees = {cast["secretary"].pk: {1, 2}, cast["member"].pk: {1}}
    owners.register(
        TYPE,
        visible=lambda user, ids: sees.get(user.pk, set()) & set(ids),
        may_change=lambda user, pk: (
            YES if user == cast["secretary"] else no("不能改附件：要书记来办。")
        ),
        address=lambda pk: f"/records/{pk}/",
    )
    return cast
