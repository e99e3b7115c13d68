from django.urls import path

from zhibu.api import views

app_name = "tokens"
urlpatterns = [
    path("", views.token_list, name="list"),
    path("new/", views.make, name="make"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]
