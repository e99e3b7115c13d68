from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "zhibu.notices"
    label = "notices"

    def ready(self) -> None:
        from zhibu.core import navigation, standing
        from zhibu.ledger import kinds, protection
        from zhibu.notices import actions, hooks, models, queries, rules, sending  # noqa: F401

        protection.protect(
            models.Feedback,
            fields=("by_id", "page", "text", "at", "answer", "answered_by_id", "answered_at"),
        )
        protection.protect(
            models.Webhook,
            fields=(
                "title", "address", "secret", "kinds", "rhythm", "hour", "is_active",
                "made_by_id", "made_at",
            ),
        )  # fmt: skip
        kinds.words(actions.WORDS)
        kinds.words(hooks.WORDS)
        navigation.also(
            navigation.Way(
                "怎么通知我", "notices:settings", lambda user: True, "邮件 邮箱 提醒 通知 消息设置"
            )
        )
        navigation.also(
            navigation.Way(
                "发送和推送",
                "notices:deliveries",
                lambda user: bool(rules.may_manage_deliveries(user)),
                "邮件 推送 webhook 没发成",
            )
        )
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
