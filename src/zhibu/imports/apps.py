from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "zhibu.imports"
    label = "imports"

    def ready(self) -> None:
        from zhibu.core import navigation, standing
        from zhibu.imports import actions, jobs, models, rules  # noqa: F401
        from zhibu.ledger import kinds, protection

        kinds.words(actions.WORDS)
        protection.unfinished(models.unfinished_keys)
        navigation.register(
            navigation.Entry(
                title="导入名册",
                url_name="imports:list",
                icon="table",
                order=60,
                section=1,
                shown=lambda user: standing.may_anywhere(user, rules.PERMISSION),
                bar=80,
            )
        )
