from django.urls import path

from zhibu.cases.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaign_list, name="list"),
    path("launch/", views.launch_here, name="launch_here"),
    path("launch/<int:organization>/", views.launch, name="launch"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/make-ups/", views.make_ups, name="make_ups"),
    path("<int:pk>/enter/<slug:item>/", views.enter_many, name="enter_many"),
    path("<int:pk>/spans/<int:span>/open/", views.open_phase, name="open_phase"),
    path("<int:pk>/units/add/", views.add_unit, name="add_unit"),
    path("<int:pk>/staff/<int:staff>/end/", views.stand_down, name="stand_down"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("units/<int:pk>/", views.unit_page, name="unit"),
    path("units/<int:pk>/enter/<slug:item>/", views.enter, name="enter"),
    path("units/<int:pk>/spans/<int:span>/open/", views.open_own, name="open_own"),
    path("units/<int:pk>/remove/", views.remove_unit, name="remove_unit"),
    path("entries/<int:pk>/void/", views.void, name="void"),
]
