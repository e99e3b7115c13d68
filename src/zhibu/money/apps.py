from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "zhibu.money"
    label = "money"

    def ready(self) -> None:
        from zhibu.ledger import guard as ledger_guard
        from zhibu.ledger import kinds
        from zhibu.ledger.protection import Part, protect
        from zhibu.money import (  # noqa: F401
            actions,
            disclosing,
            effects,
            following,
            guard,
            keeping,
            measures,
            models,
            panels,
            predicates,
        )

        protect(
            models.Book,
            fields=(
                "organization_id", "subject_type", "subject_id", "title", "scheme", "needs_plan",
                "is_voluntary", "most_a_head", "days_a_head", "basis", "opened_on",
                "opened_by_id", "opened_at", "closed_through", "closed_on", "closed_by_id",
                "closed_note",
            ),
        )  # fmt: skip
        protect(
            models.Entry,
            fields=(
                "book_id", "number", "kind", "occurred", "party", "memo", "paper", "source",
                "reverses_id", "by_id", "at",
            ),
            parts=(
                Part("lines", models.Line, "entry_id", ("debit_id", "credit_id", "amount")),
            ),
        )  # fmt: skip
        protect(
            models.Quantity,
            fields=(
                "book_id", "what", "title", "unit", "amount", "occurred", "worker", "memo", "paper",
                "source", "reverses_id", "by_id", "at",
            ),
        )  # fmt: skip
        protect(
            models.Claim,
            fields=(
                "book_id", "scheme", "item", "name", "household", "number", "account", "amount",
                "measure", "by_id", "at", "entry_id", "withdrawn_because",
                "withdrawn_by_id", "withdrawn_at",
            ),
        )  # fmt: skip
        kinds.words(keeping.WORDS)
        following.register()
        ledger_guard.also(guard.ONCE)
