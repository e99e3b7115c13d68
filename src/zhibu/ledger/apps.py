from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "zhibu.ledger"
    label = "ledger"

    def ready(self) -> None:
        from zhibu.ledger import publishing  # noqa: F401 - its job registers itself
