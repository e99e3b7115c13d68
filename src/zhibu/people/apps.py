from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhibu.people"
    label = "people"

    def ready(self) -> None:
        from zhibu.core import beside, navigation, standing
        from zhibu.ledger import kinds, printed
        from zhibu.ledger.protection import Part, protect
        from zhibu.people import (  # noqa: F401
            actions,
            effects,
            facts,
            fieldtypes,
            forms,
            importing,
            meaning,
            measures,
            models,
            outcomes,
            panels,
            predicates,
            searching,
        )
        from zhibu.people import standing as people_standing  # noqa: F401
        from zhibu.people.handover import actions as handover
        from zhibu.people.handover import paper, waiting  # noqa: F401
        from zhibu.people.membergroups import actions as membergroups
        from zhibu.people.merging import actions as merging
        from zhibu.people.merging import pointers  # noqa: F401
        from zhibu.people.rights import actions as rights
        from zhibu.people.rights import sections  # noqa: F401

        protect(
            models.Person,
            fields=(
                "name",
                "sex",
                "born_on",
                "ethnicity",
                "education",
                "occupation",
                "id_number",
                "phone",
                "address",
                "registered_at",
            ),
            parts=(
                Part(
                    "states",
                    models.MembershipState,
                    "person_id",
                    ("state", "since", "until", "basis"),
                ),
                Part(
                    "belongings",
                    models.Belonging,
                    "person_id",
                    ("organization_id", "kind", "since", "until", "is_since_known"),
                ),
                Part("groups", models.GroupMembership, "person_id", ("group_id", "since", "until")),
                Part(
                    "holdings",
                    models.Holding,
                    "person_id",
                    ("post_id", "since", "until", "ended_on", "manner", "reason"),
                ),
                Part("reveals", models.Reveal, "person_id", ("field", "reason", "by_id", "at")),
            ),
            rows=models.Person.objects.all,
        )
        protect(
            models.MemberGrouping,
            fields=("person_id", "group", "since", "until", "put_by_id", "put_at"),
        )
        protect(
            models.Opening,
            fields=("person_id", "by_id", "opened_on", "at", "standing"),
            rows=models.Opening.objects.filter(is_recorded=True).all,
        )
        protect(
            models.Consent,
            fields=(
                "person_id",
                "purpose",
                "given_how",
                "given_by_id",
                "given_at",
                "withdrawn_how",
                "withdrawn_by_id",
                "withdrawn_at",
            ),
        )
        protect(
            models.Correction,
            fields=(
                "person_id",
                "about",
                "text",
                "asked_at",
                "state",
                "answer",
                "answered_by_id",
                "answered_at",
            ),
        )
        protect(
            models.Merge,
            fields=("kept_id", "gone_id", "chosen", "moved", "reason", "by_id", "at"),
        )
        protect(models.NotSame, fields=("one_id", "other_id", "by_id", "at"))
        protect(
            models.Handover,
            fields=(
                "holding_id",
                "successor_id",
                "since",
                "items",
                "papers",
                "note",
                "state",
                "drawn_by_id",
                "drawn_at",
                "given_how",
                "given_at",
                "taken_how",
                "taken_at",
                "ended_by_id",
                "ended_at",
                "ended_reason",
            ),
        )
        for name, form in (
            ("register", forms.RegisterForm),
            ("membership", forms.MembershipForm),
            ("place", forms.PlaceForm),
            ("host", forms.HostForm),
            ("hold", forms.HoldForm),
        ):
            beside.register(f"people.{name}", form)
        printed.printable(models.Handover._meta.label_lower, paper.printed_as)
        kinds.words(actions.WORDS)
        kinds.words(membergroups.WORDS)
        kinds.words(rights.WORDS)
        kinds.words(merging.WORDS)
        kinds.words(handover.WORDS)
        panels.register()
        effects.register()
        navigation.register(
            navigation.Entry(
                title="人员",
                url_name="people:list",
                icon="people",
                order=40,
                section=1,
                shown=lambda user: standing.may_anywhere(user, "people.view"),
                bar=25,
            )
        )
        navigation.register(
            navigation.Entry(
                title="我的",
                url_name="people:me",
                icon="person",
                order=90,
                section=0,
                shown=lambda user: not standing.may_anywhere(user, "people.view"),
                bar=30,
            )
        )
