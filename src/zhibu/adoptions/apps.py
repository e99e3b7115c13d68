from django.apps import AppConfig


class AdoptionsConfig(AppConfig):
    name = "zhibu.adoptions"
    label = "adoptions"

    def ready(self) -> None:
        from zhibu.adoptions import (  # noqa: F401
            actions,
            beside,
            effects,
            meaning,
            models,
            reminding,
            searching,
            views,
        )
        from zhibu.core import navigation, panels, standing
        from zhibu.ledger import kinds, protection

        protection.protect(
            models.Adoption,
            fields=(
                "pack",
                "organization_id",
                "reach",
                "fields",
                "since",
                "until",
                "paper",
                "adopted_by_id",
                "adopted_at",
            ),
        )
        kinds.words(actions.WORDS)
        effects.register()
        navigation.register(
            navigation.Entry(
                title="制度",
                url_name="adoptions:in_force",
                icon="book",
                order=70,
                section=3,
                shown=lambda user: standing.may_anywhere(user, "packs.view"),
                bar=70,
            )
        )
        panels.register(
            panels.Panel(
                page="organization",
                column="context",
                order=60,
                template="adoptions/organization_panel.html",
                context=views.panel,
            )
        )
