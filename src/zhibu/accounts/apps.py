from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zhibu.accounts"
    label = "accounts"

    def ready(self) -> None:
        from zhibu.accounts import actions, models, standing  # noqa: F401
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.User,
            fields=(
                "username",
                "display_name",
                "person_id",
                "admin_role",
                "is_active",
                "is_system",
                "is_demo",
            ),
        )
        kinds.words(actions.WORDS)
