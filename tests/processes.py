"""Several processes at one test database, for what must hold while others compete.

Children are forked after every connection is closed, so that each opens its own. Tests
that use this must really commit (``transactional_db``).
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connections

_FORK = multiprocessing.get_context("fork")


def _child(function: Callable[..., Any], arguments: tuple[Any, ...], results: Any) -> None:
    try:
        results.put((True, function(*arguments)))
    except BaseException as error:
        results.put((False, repr(error)))
        raise
    finally:
        connections.close_all()


def compete(function: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> list[Any]:
    """Run ``function`` once a tuple of arguments, all at the same time; the results."""
    connections.close_all()
    results = _FORK.Queue()
    children = [_FORK.Process(target=_child, args=(function, each, results)) for each in arguments]
    for child in children:
        child.start()
    answers = [results.get(timeout=60) for _ in children]
    for child in children:
        child.join(60)
    failed = [answer for went_well, answer in answers if not went_well]
    assert failed == []
    return [answer for _, answer in answers]


def killed(function: Callable[..., Any], *arguments: Any) -> None:
    """Run ``function`` in a process of its own, which is expected to kill itself."""
    connections.close_all()
    child = _FORK.Process(target=function, args=arguments)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL


def kill_self() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
