from django.urls import path

from zhibu.desk import help as handbook
from zhibu.desk import proposals, search, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("today/", views.today, name="today"),
    path("workbench/", views.workbench, name="workbench"),
    path("calendar/", views.calendar_page, name="calendar"),
    path("calendar/feed/", views.open_feed, name="open_feed"),
    path("calendar/feed/revoke/", views.revoke_feed, name="revoke_feed"),
    path("calendar/<str:secret>.ics", views.feed, name="feed"),
    path("help/", handbook.contents, name="help"),
    path("help/<slug:name>/", handbook.chapter, name="chapter"),
    path("search/", search.search, name="search"),
    path("overview/", views.overview, name="overview"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/<int:pk>/proof.json", views.entry_proof, name="entry_proof"),
    path("admin/", views.admin, name="admin"),
    path("admin/packs/", proposals.proposal_list, name="proposals"),
    path("admin/packs/<int:pk>/", proposals.proposal, name="proposal"),
    path("admin/packs/<int:pk>/confirm/", proposals.confirm_proposal, name="confirm_proposal"),
    path("admin/packs/<int:pk>/refuse/", proposals.refuse_proposal, name="refuse_proposal"),
]
