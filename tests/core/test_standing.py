"""Asking for many places gives what asking for each gives."""

import pytest

from zhibu.core import standing
from zhibu.organizations.models import Organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("permission", ["people.view", "cases.act", "packs.view"])
def test_where_is_may_for_each(cast, permission):
    paths = set(Organization.objects.values_list("path", flat=True)) | {""}

    for user in filter(None, cast.values()):
        each = {path for path in paths if standing.may(user, permission, path)}
        assert standing.where(user, permission, paths) == each
