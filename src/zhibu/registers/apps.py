from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "zhibu.registers"
    label = "registers"

    def ready(self) -> None:
        from zhibu.ledger import kinds
        from zhibu.ledger.protection import Part, protect
        from zhibu.registers import (  # noqa: F401
            actions,
            effects,
            entries,
            fieldtypes,
            importing,
            meaning,
            measures,
            merging,
            models,
            outcomes,
            panels,
            predicates,
            searching,
            sections,
            telling,
        )

        protect(
            models.Row,
            fields=models.OWN_FIELDS,
            rows=models.Row.objects.all,
            parts=tuple(
                Part(name, model, "row_id", columns)
                for name, (model, columns) in models.PARTS.items()
            ),
        )
        kinds.words(actions.WORDS)
        effects.register()
