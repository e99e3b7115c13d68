from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "zhibu.files"
    label = "files"

    def ready(self) -> None:
        from zhibu.files import actions, fieldtypes, models  # noqa: F401
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.Attachment,
            fields=(
                "sha256",
                "stored_name",
                "original_name",
                "content_type",
                "size",
                "owner_type",
                "owner_id",
                "organization_id",
                "added_by_id",
                "added_at",
                "removed_by_id",
                "removed_at",
            ),
        )
        kinds.words(actions.WORDS)
