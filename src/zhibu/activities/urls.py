from django.urls import path

from zhibu.activities import views

app_name = "activities"
urlpatterns = [
    path("", views.activity_list, name="list"),
    path("record/", views.record, name="record"),
    path("of/<int:pk>/", views.of_person, name="of_person"),
    path("filings/", views.filings, name="filings"),
    path("filings/<int:pk>/receive/", views.receive, name="receive"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/record/", views.record_planned, name="record_planned"),
    path("<int:pk>/correct/", views.correct, name="correct"),
    path("<int:pk>/attach/", views.attach, name="attach"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/void/", views.void, name="void"),
    path("<int:pk>/leave/", views.leave, name="leave"),
    path("<int:pk>/file/", views.file_theme, name="file_theme"),
    path("<int:pk>/minutes/", views.minutes_file, name="minutes"),
]
