from django.apps import AppConfig


class PairingsConfig(AppConfig):
    name = "zhibu.pairings"
    label = "pairings"

    def ready(self) -> None:
        from zhibu.ledger import kinds
        from zhibu.ledger.protection import Part, protect
        from zhibu.pairings import (  # noqa: F401
            actions,
            effects,
            entries,
            handing,
            meaning,
            merging,
            models,
            panels,
            registering,
            replay,
            rotas,
            sections,
        )

        protect(
            models.Link,
            fields=models.LINK_FIELDS,
            rows=models.Link.objects.all,
        )
        protect(
            models.Contact,
            fields=models.CONTACT_FIELDS,
            rows=models.Contact.objects.all,
        )
        protect(
            models.Rota,
            fields=models.ROTA_FIELDS,
            rows=models.Rota.objects.all,
            parts=(
                Part("roll", models.RollPlace, "rota_id", models.ROLL_FIELDS),
                Part("turns", models.Turn, "rota_id", models.TURN_FIELDS),
                Part("changes", models.Change, "rota_id", models.CHANGE_FIELDS),
            ),
        )
        kinds.words(actions.WORDS)
        kinds.words(rotas.WORDS)
        effects.register()
