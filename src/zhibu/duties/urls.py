from django.urls import path

from zhibu.duties import views

app_name = "duties"
urlpatterns = [
    path("<int:pk>/exempt/", views.exempt, name="exempt"),
    path("<int:pk>/exempt/withdraw/", views.withdraw_exemption, name="withdraw_exemption"),
    path("<int:pk>/explain/", views.explain, name="explain"),
    path("talks/", views.talk_list, name="talks"),
    path("talks/new/", views.record_talk, name="record_talk"),
    path("talks/<int:pk>/confirm/", views.confirm_talk, name="confirm_talk"),
    path("talks/<int:pk>/withdraw/", views.withdraw_talk, name="withdraw_talk"),
]
