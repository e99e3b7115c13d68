from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "zhibu.publishing"
    label = "publishing"

    def ready(self) -> None:
        from zhibu.ledger import kinds, printed
        from zhibu.ledger.protection import Part, protect
        from zhibu.publishing import (  # noqa: F401
            actions,
            crediting,
            effects,
            entries,
            meaning,
            models,
            panels,
            papers,
            replay,
            searching,
            sections,
            tasks,
        )

        protect(
            models.Publication,
            fields=models.OWN_FIELDS,
            parts=tuple(
                Part(name, model, "publication_id", columns)
                for name, (model, columns) in models.PARTS.items()
            ),
        )
        protect(models.Voice, fields=models.VOICE_FIELDS)
        protect(models.Receipt, fields=models.RECEIPT_FIELDS)
        kinds.words(actions.WORDS)
        effects.register()
        printed.printable(models.Publication._meta.label_lower, papers.printed_as)
