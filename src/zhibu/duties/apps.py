from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "zhibu.duties"
    label = "duties"

    def ready(self) -> None:
        from zhibu.core import jobs
        from zhibu.duties import (  # noqa: F401
            actions,
            effects,
            handing,
            meaning,
            measures,
            merging,
            models,
            sections,
        )
        from zhibu.ledger import kinds, protection

        shared = ("organization_id", "holder_kind", "holder_id", "pack", "duty", "period_since")
        protection.protect(
            models.Exemption,
            fields=(*shared, "reason", "given_by_id", "given_at", "withdrawn_at"),
        )
        protection.protect(models.Explanation, fields=(*shared, "text", "given_by_id", "given_at"))
        protection.protect(
            models.Talk,
            fields=(
                "organization_id",
                "kind",
                "first_id",
                "second_id",
                "held_on",
                "recorded_by_id",
                "recorded_at",
                "first_confirmed_by_id",
                "first_confirmed_at",
                "second_confirmed_by_id",
                "second_confirmed_at",
                "withdrawn_at",
            ),
        )
        kinds.words(actions.WORDS)
        jobs.every("10 0 * * *", name="duties.extend")(actions.extend)
