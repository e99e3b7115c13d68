from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "zhibu.notices"
    label = "notices"

    def ready(self) -> None:
        from zhibu.core import navigation, standing
        from zhibu.ledger import kinds, protection
        from zhibu.notices import actions, models, queries

        protection.protect(
            models.Feedback,
            fields=("by_id", "page", "text", "at", "answer", "answered_by_id", "answered_at"),
        )
        kinds.words(actions.WORDS)
        navigation.register(
            navigation.Entry(
                title="消息",
                url_name="notices:list",
                icon="bell",
                order=80,
                section=8,
                shown=lambda user: True,
                count=queries.unread,
                bar=80,
            )
        )
        navigation.register(
            navigation.Entry(
                title="意见",
                url_name="notices:feedback_list",
                icon="chat",
                order=81,
                section=8,
                shown=lambda user: standing.may_anywhere(user, "feedback.answer"),
                count=queries.waiting,
                bar=20,
            )
        )
