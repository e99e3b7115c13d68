"""What the schedule does for this area."""

from datetime import datetime

from zhibu.core import jobs
from zhibu.publishing import actions


@jobs.every("40 2 * * *", name="publishing.erase")
def erase(at: datetime) -> None:
    """Every night: contacts and words of visitors whose question was answered long ago."""
    actions.erase_contacts(at=at)
    actions.erase_voices(at=at)
