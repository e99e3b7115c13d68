from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "zhibu.api"
    label = "api"

    def ready(self) -> None:
        from zhibu.api import actions, models
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.Token,
            fields=(
                "user_id",
                "name",
                "secret_hash",
                "may_act",
                "made_at",
                "expires_on",
                "revoked_at",
            ),
        )
        kinds.words(actions.WORDS)
