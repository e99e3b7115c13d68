from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "zhibu.portal"
    label = "portal"

    def ready(self) -> None:
        from zhibu.ledger import kinds, protection
        from zhibu.portal import actions, models, panels  # noqa: F401

        protection.protect(
            models.Ticket,
            fields=(
                "case_id",
                "organization_id",
                "channel",
                "taken_by_id",
                "asked_at",
                "erased_on",
            ),
            parts=(
                protection.Part(
                    "looks", models.Look, "ticket_id", ("field", "reason", "by_id", "at")
                ),
            ),
        )
        kinds.words(actions.WORDS)
