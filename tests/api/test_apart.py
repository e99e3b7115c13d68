"""No action is forgotten: each has its endpoint, or stands apart with its reason."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import zhibu
from zhibu.api.apart import APART
from zhibu.api.sections import OPERATIONS
from zhibu.api.service import api

NO_AREAS = ("zhibu.cli", "zhibu.config")


def actions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Public functions that somebody does: ``by`` somebody, in ``actions`` or in a transaction.

    ``activate`` is done by the account itself, which is not signed in yet.
    """
    for module in pkgutil.walk_packages(zhibu.__path__, "zhibu."):
        if module.name.startswith(NO_AREAS) or ".migrations" in module.name:
            continue
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            if function.__module__ != module.name:
                continue
            known = {"by", "code"} & set(inspect.signature(function).parameters)
            is_in_transaction = hasattr(function, "__wrapped__")
            if known and (is_in_transaction or module.name.endswith(".actions")):
                yield f"{module.name.removeprefix('zhibu.')}.{name}", function


def test_every_action_has_its_endpoint_or_its_reason():
    assert api.urls_namespace == "api"
    exposed = {action for operation in OPERATIONS for action in operation.does}
    known = dict(actions())

    missing = {name for name, function in known.items() if function not in exposed} - set(APART)
    assert missing == set()
    assert {name for name in APART if name not in known} == set()
    assert {name for name in APART if known[name] in exposed} == set()
    assert exposed <= set(known.values()) | _without_by()


def _without_by() -> set[Callable[..., object]]:
    """What one does to one's own notices, and so says no ``by``."""
    from zhibu.notices.actions import mark_read

    return {mark_read}


def test_every_act_says_which_action_it_is():
    acts = [operation for operation in OPERATIONS if operation.method == "POST"]

    assert [operation.name for operation in acts if not operation.does] == []
    assert [o.name for o in OPERATIONS if o.method == "GET" and o.does] == []
