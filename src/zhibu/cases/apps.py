from importlib import import_module

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "zhibu.cases"
    label = "cases"

    def import_models(self) -> None:
        super().import_models()
        import_module("zhibu.cases.campaigns.models")

    def ready(self) -> None:
        from zhibu.cases import (  # noqa: F401
            actions,
            attaching,
            disclosing,
            doorway,
            effects,
            entries,
            handing,
            meaning,
            measures,
            models,
            money,
            panels,
            papers,
            predicates,
            searching,
            sections,
            stalling,
            telling,
        )
        from zhibu.ledger import kinds, printed, protection

        protection.protect(
            models.Case,
            fields=(
                "organization_id",
                "procedure",
                "wording",
                "title",
                "number",
                "owner_id",
                "facts",
                "state",
                "started_on",
                "started_by_id",
                "started_at",
                "ended_on",
                "ended_as",
                "reason",
                "reopened",
            ),
            later={
                "person_id": None,
                "partner_id": None,
                "is_confidential": False,
                "is_shown_to_person": False,
                "stricter": [],
                "began_with": {},
                "is_kept_apart": False,
                "unit_id": None,
                "erased_on": None,
            },
            parts=(
                protection.Part(
                    "turns",
                    models.Turn,
                    "case_id",
                    (
                        "number",
                        "stage",
                        "state",
                        "organization_id",
                        "person_id",
                        "opened_on",
                        "not_before",
                        "due_on",
                        "happened_on",
                        "outcome",
                        "content",
                        "reason",
                        "by_id",
                        "at",
                    ),
                    later={
                        "wording": None,
                        "due_at": None,
                        "is_claimed": False,
                        "round": None,
                        "claimed_for_id": None,
                        "is_requesters": False,
                        "way": "",
                    },
                ),
                protection.Part(
                    "extensions",
                    models.Extension,
                    "case_id",
                    ("turn_id", "before", "until", "reason", "by_id", "at"),
                ),
                protection.Part(
                    "ballots",
                    models.Ballot,
                    "case_id",
                    (
                        "turn_id",
                        "roll",
                        "entitled",
                        "present",
                        "written",
                        "yes",
                        "no",
                        "abstain",
                        "why_fewer",
                        "teller_one_id",
                        "teller_two_id",
                        "has_passed",
                    ),
                    is_later=True,
                ),
                protection.Part(
                    "postings",
                    models.Posting,
                    "case_id",
                    ("turn_id", "channel", "place", "posted_on", "until", "by_id", "at"),
                    is_later=True,
                ),
                protection.Part(
                    "objections",
                    models.Objection,
                    "case_id",
                    (
                        "posting_id",
                        "raised_on",
                        "source",
                        "said",
                        "by_id",
                        "at",
                        "stands",
                        "answer",
                        "answered_on",
                        "answered_by_id",
                        "answered_at",
                    ),
                    is_later=True,
                ),
                protection.Part(
                    "links",
                    models.Link,
                    "case_id",
                    ("other_id", "kind", "turn_id", "by_id", "at"),
                    is_later=True,
                ),
            ),
        )
        protection.protect(
            models.IssuedPaper,
            fields=(
                "case_id",
                "turn_id",
                "organization_id",
                "paper",
                "wording",
                "template_id",
                "title",
                "register",
                "register_title",
                "code",
                "year",
                "number",
                "issued_on",
                "valid_until",
                "values",
                "by_id",
                "at",
                "annulled_by_id",
                "annulled_at",
                "annulled_because",
            ),
        )
        printed.printable(models.IssuedPaper._meta.label_lower, papers.printed_as)
        kinds.words(actions.WORDS)
        kinds.words(papers.WORDS)
        effects.register()
        self._ready_campaigns()

    def _ready_campaigns(self) -> None:
        from zhibu.cases.campaigns import actions, effects, joining, meaning, models  # noqa: F401
        from zhibu.ledger import kinds, protection

        for model, columns in models.PROTECTED.items():
            parts = tuple(
                protection.Part(name, part, owner, fields)
                for name, (part, owner, fields) in models.PARTS[model].items()
            )
            protection.protect(model, fields=columns, parts=parts)
        kinds.words(actions.WORDS)
        effects.register()
        joining.join()
