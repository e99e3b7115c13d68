from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "zhibu.activities"
    label = "activities"

    def ready(self) -> None:
        from zhibu.activities import (  # noqa: F401
            actions,
            effects,
            entries,
            handing,
            importing,
            meaning,
            merging,
            minutes,
            models,
            ownership,
            panels,
            searching,
            sections,
        )
        from zhibu.ledger import kinds, printed
        from zhibu.ledger.protection import Part, protect

        protect(
            models.Activity,
            fields=models.OWN_FIELDS,
            later=models.LATER,
            rows=models.Activity.objects.all,
            parts=tuple(
                Part(name, model, "activity_id", fields)
                for name, (model, fields) in models.PARTS.items()
            ),
        )
        printed.printable(actions.SOURCE, minutes.printed_as)
        kinds.words(actions.WORDS)
        panels.register()
        effects.register()
