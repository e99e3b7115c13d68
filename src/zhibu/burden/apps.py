from django.apps import AppConfig


class BurdenConfig(AppConfig):
    name = "zhibu.burden"
    label = "burden"

    def ready(self) -> None:
        from zhibu.burden import entries, meaning, queries  # noqa: F401
        from zhibu.core import caps

        caps.register(caps.Provider(queries.is_capped, queries.rooms, queries.counted_in))
