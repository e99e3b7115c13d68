from django.urls import path

from zhibu.cases import views

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("board/", views.board, name="board"),
    path("start/", views.start_here, name="start_here"),
    path("start/<int:organization>/", views.start, name="start"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/turns/<int:turn>/", views.act, name="act"),
    path("<int:pk>/turns/<int:turn>/extend/", views.extend, name="extend"),
    path("<int:pk>/owner/", views.name_owner, name="name_owner"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
