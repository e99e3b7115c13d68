from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "zhibu.cases"
    label = "cases"

    def ready(self) -> None:
        from zhibu.cases import (  # noqa: F401
            actions,
            effects,
            entries,
            handing,
            meaning,
            models,
            panels,
            searching,
            sections,
        )
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.Case,
            fields=(
                "organization_id",
                "procedure",
                "wording",
                "title",
                "number",
                "owner_id",
                "facts",
                "state",
                "started_on",
                "started_by_id",
                "started_at",
                "ended_on",
                "ended_as",
                "reason",
                "reopened",
            ),
            parts=(
                protection.Part(
                    "turns",
                    models.Turn,
                    "case_id",
                    (
                        "number",
                        "stage",
                        "state",
                        "organization_id",
                        "person_id",
                        "opened_on",
                        "not_before",
                        "due_on",
                        "happened_on",
                        "outcome",
                        "content",
                        "reason",
                        "by_id",
                        "at",
                    ),
                ),
                protection.Part(
                    "extensions",
                    models.Extension,
                    "case_id",
                    ("turn_id", "before", "until", "reason", "by_id", "at"),
                ),
            ),
        )
        kinds.words(actions.WORDS)
        effects.register()
