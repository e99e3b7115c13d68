from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "zhibu.assignments"
    label = "assignments"

    def ready(self) -> None:
        from zhibu.assignments import (  # noqa: F401
            actions,
            effects,
            entries,
            handing,
            meaning,
            models,
            ownership,
            papers,
            searching,
            sections,
        )
        from zhibu.ledger import kinds, printed, protection

        protection.protect(
            models.Assignment,
            fields=(
                "organization_id",
                "title",
                "owner_id",
                "due_on",
                "state",
                "source_type",
                "source_id",
                "made_by_id",
                "made_at",
                "closed_by_id",
                "closed_at",
                "note",
            ),
            parts=(
                protection.Part(
                    "answers",
                    models.Answer,
                    "assignment_id",
                    (
                        "number",
                        "content",
                        "state",
                        "by_id",
                        "at",
                        "judged_by_id",
                        "judged_at",
                        "reason",
                    ),
                    is_later=True,
                ),
            ),
            later={"commission_id": None, "post_id": None, "accountable_id": None},
        )
        protection.protect(
            models.Commission,
            fields=(
                "organization_id",
                "title",
                "text",
                "basis",
                "form",
                "fields",
                "minutes",
                "stale_after",
                "due_on",
                "made_by_id",
                "made_at",
                "withdrawn_by_id",
                "withdrawn_at",
                "reason",
            ),
        )
        printed.printable(models.Commission._meta.label_lower, papers.printed_as)
        kinds.words(actions.WORDS)
        effects.register()
