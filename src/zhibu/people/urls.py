from django.urls import path

from zhibu.people import many_views, views
from zhibu.people.handover import views as handover
from zhibu.people.membergroups import views as membergroups
from zhibu.people.merging import views as merging
from zhibu.people.rights import views as rights

app_name = "people"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("many/<slug:way>/", many_views.do_many, name="many"),
    path("me/", views.me, name="me"),
    path("me/rights/", rights.own, name="rights"),
    path("me/rights/looks/", rights.looks_export, name="looks_export"),
    path("me/rights/data/<slug:form>/", rights.own_data, name="own_data"),
    path("me/rights/consent/", rights.own_consent, name="own_consent"),
    path("me/rights/correct/", rights.ask_correction, name="ask_correction"),
    path("duplicates/", merging.duplicates, name="duplicates"),
    path("duplicates/<int:one>/<int:other>/", merging.merge, name="merge"),
    path("duplicates/<int:one>/<int:other>/two/", merging.tell_apart, name="tell_apart"),
    path("corrections/", rights.corrections, name="corrections"),
    path("corrections/<int:pk>/", rights.correction, name="correction"),
    path("corrections/<int:pk>/take-back/", rights.take_back, name="take_back"),
    path("<int:pk>/consents/", rights.consents, name="consents"),
    path("register/<int:pk>/", views.register, name="register"),
    path("groups/", membergroups.listing, name="member_groups"),
    path("groups/change/", membergroups.change, name="change_member_group"),
    path("groups/export/", membergroups.export, name="export_member_group"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/membership/", views.set_membership, name="set_membership"),
    path("<int:pk>/place/", views.place, name="place"),
    path("<int:pk>/groups/", membergroups.of_person, name="groups_of"),
    path("<int:pk>/host/", views.host, name="host"),
    path("<int:pk>/host/end/", views.end_hosting, name="end_hosting"),
    path("<int:pk>/group/", views.join_group, name="join_group"),
    path("<int:pk>/reveal/<slug:field>/", views.reveal, name="reveal"),
    path("<int:pk>/account/", views.account, name="account"),
    path("<int:pk>/account/stop/", views.stop_account, name="stop_account"),
    path("posts/<int:pk>/appoint/", views.appoint, name="appoint"),
    path("holdings/<int:pk>/hand-over/", handover.draw_up, name="hand_over"),
    path("handovers/", handover.listing, name="handovers"),
    path("handovers/<int:pk>/", handover.detail, name="handover"),
    path("handovers/<int:pk>/sign/", handover.sign, name="handover_sign"),
    path("handovers/<int:pk>/finish/", handover.finish, name="handover_finish"),
    path("handovers/<int:pk>/cancel/", handover.cancel, name="handover_cancel"),
    path("handovers/<int:pk>/word/", handover.word_file, name="handover_file"),
    path("holdings/<int:pk>/end/", views.end_holding, name="end_holding"),
]
