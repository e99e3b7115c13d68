"""Every address. Areas own theirs; each is in the hand-written permission table of the tests."""

from django.urls import URLPattern, URLResolver, include, path

from zhibu.api.service import api

handler403 = "zhibu.core.views.refused"
handler404 = "zhibu.core.views.not_found"
handler500 = "zhibu.core.views.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("zhibu.desk.urls")),
    path("", include("zhibu.core.urls")),
    path("accounts/", include("zhibu.accounts.urls")),
    path("organizations/", include("zhibu.organizations.urls")),
    path("people/", include("zhibu.people.urls")),
    path("activities/", include("zhibu.activities.urls")),
    path("tasks/", include("zhibu.assignments.urls")),
    path("burden/", include("zhibu.burden.urls")),
    path("publishing/", include("zhibu.publishing.urls")),
    path("open/", include("zhibu.portal.urls")),
    path("requests/", include("zhibu.portal.staff_urls")),
    path("pairings/", include("zhibu.pairings.urls")),
    path("registers/", include("zhibu.registers.urls")),
    path("cases/", include("zhibu.cases.urls")),
    path("campaigns/", include("zhibu.cases.campaigns.urls")),
    path("duties/", include("zhibu.duties.urls")),
    path("insight/", include("zhibu.insight.urls")),
    path("rules/", include("zhibu.adoptions.urls")),
    path("files/", include("zhibu.files.urls")),
    path("notices/", include("zhibu.notices.urls")),
    path("money/", include("zhibu.money.urls")),
    path("imports/", include("zhibu.imports.urls")),
    path("proofs/", include("zhibu.ledger.urls")),
    path("accounts/tokens/", include("zhibu.api.urls")),
    path("api/v1/", api.urls),
]
