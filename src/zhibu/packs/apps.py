from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "zhibu.packs"
    label = "packs"

    def ready(self) -> None:
        from zhibu.ledger import kinds, protection
        from zhibu.packs import actions, models

        protection.protect(
            models.StoredPack,
            fields=(
                "pack",
                "version",
                "title",
                "digest",
                "files",
                "state",
                "proposed_by_id",
                "proposed_at",
                "settled_by_id",
                "settled_at",
            ),
        )
        kinds.words(actions.WORDS)
