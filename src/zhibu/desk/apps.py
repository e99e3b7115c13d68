from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "zhibu.desk"
    label = "desk"

    def ready(self) -> None:
        from zhibu.desk import actions, entries, models, tasks  # noqa: F401
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.CalendarFeed, fields=("user_id", "address_hash", "opened_at", "revoked_at")
        )
        kinds.words(actions.WORDS)
