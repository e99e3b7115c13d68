"""Answers to "may I?": allowed, or refused with the sentence and its citation."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


@dataclass(frozen=True, slots=True)
class Verdict:
    """An allowed or refused request; ``bool(verdict)`` says which.

    ``reason`` is a sentence fit to show to the person refused: 不能…：为什么。可以怎么办。
    ``basis`` is the citation as the screen writes it, or "" where the refusal rests
    on the platform's own rules.
    """

    allowed: bool
    reason: str = ""
    basis: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(True)


def no(reason: str, *, basis: str = "") -> Verdict:
    return Verdict(False, reason, basis)


class Refused(PermissionDenied):
    """A rule said no; ``verdict`` says why. Shown as 403 with the reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


def require(verdict: Verdict) -> None:
    """Raise ``Refused`` carrying the reason unless allowed."""
    if not verdict:
        raise Refused(verdict)
