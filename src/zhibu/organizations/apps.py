from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "zhibu.organizations"
    label = "organizations"

    def ready(self) -> None:
        from zhibu.core import beside, navigation, standing
        from zhibu.ledger import kinds
        from zhibu.ledger.protection import Part, protect
        from zhibu.organizations import (  # noqa: F401
            actions,
            facts,
            fieldtypes,
            forms,
            heritage,
            importing,
            models,
            placing,
            predicates,
            searching,
        )

        protect(
            models.Organization,
            fields=(
                "code",
                "name",
                "short_name",
                "organization_class",
                "kind",
                "field",
                "place",
                "established_on",
                "dissolved_on",
                "parent_id",
            ),
            parts=(
                Part(
                    "placements",
                    models.Placement,
                    "organization_id",
                    ("parent_id", "since", "until"),
                ),
                Part(
                    "names",
                    models.Name,
                    "organization_id",
                    ("name", "short_name", "since", "until"),
                ),
                Part(
                    "terms",
                    models.Term,
                    "organization_id",
                    ("since", "ends_on", "until", "has_committee"),
                ),
                Part(
                    "posts",
                    models.Post,
                    "organization_id",
                    (
                        "group_id",
                        "kind",
                        "title",
                        "role",
                        "in_committee",
                        "rank",
                        "seats",
                        "since",
                        "until",
                    ),
                ),
            ),
            rows=models.Organization.objects.all,
        )
        protect(
            models.PartyGroup,
            fields=("organization_id", "name", "since", "until"),
            rows=models.PartyGroup.objects.all,
        )
        protect(
            models.Succession,
            fields=("predecessor_id", "successor_id", "on", "kind", "paper"),
        )
        protect(models.Guidance, fields=("guide_id", "organization_id", "since", "until"))
        protect(models.Turn, fields=("organization_id", "unit_id", "since", "until"))
        kinds.words(actions.WORDS)
        for name, form in (
            ("found", forms.FoundForm),
            ("term", forms.TermForm),
            ("group", forms.FormGroupForm),
        ):
            beside.register(f"organizations.{name}", form)
        navigation.register(
            navigation.Entry(
                title="组织",
                url_name="organizations:list",
                icon="tree",
                order=30,
                section=1,
                shown=lambda user: any(
                    held.reach in ("subtree", "everywhere")
                    for held in standing.with_permission(user, "organizations.view")
                ),
                bar=22,
            )
        )
        navigation.register(
            navigation.Entry(
                title="支部",
                url_name="organizations:mine",
                icon="flag",
                order=40,
                section=0,
                shown=lambda user: (
                    standing.may_anywhere(user, "activities.view")
                    and not standing.may_anywhere(user, "organizations.view")
                ),
                bar=25,
            )
        )
