"""How long notices are gathered before they go out as one message."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone


class Rhythm(models.TextChoices):
    NOW = "now", "不攒，五分钟内发"
    FIVE = "5", "攒 5 分钟，一起发"
    QUARTER = "15", "攒 15 分钟，一起发"
    HOUR = "60", "攒 1 小时，一起发"
    DAILY = "daily", "每天一次"


SETTLING = {Rhythm.NOW: 0, Rhythm.FIVE: 5, Rhythm.QUARTER: 15, Rhythm.HOUR: 60}  # minutes


def ready_at(rhythm: str, hour: int, at: datetime) -> datetime:
    """When what was said ``at`` may go out: after settling, or at the next full ``hour``."""
    if rhythm != Rhythm.DAILY:
        return at + timedelta(minutes=SETTLING[Rhythm(rhythm)])
    local = timezone.localtime(at)
    slot = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return slot if slot > local else slot + timedelta(days=1)
