from django.db import models


class Fired(models.Model):
    """A due time of the schedule that was taken up; the constraint lets one worker win."""

    name = models.CharField(max_length=60)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "due_at"], name="core_fired_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M:%S}"


class Heartbeat(models.Model):
    """When a background worker last showed signs of life."""

    worker = models.CharField(max_length=64, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker


class Done(models.Model):
    """A job whose effect is committed; written in the effect's own transaction."""

    key = models.CharField(max_length=120, primary_key=True)
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Tries(models.Model):
    """How often something was tried within a window; see ``core.rate``."""

    key = models.CharField(max_length=32, primary_key=True)
    n = models.PositiveIntegerField()
    until_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return f"{self.key} {self.n}"
