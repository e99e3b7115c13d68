from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "zhibu.core"
    label = "core"

    def ready(self) -> None:
        from zhibu.core import jobs  # noqa: F401
