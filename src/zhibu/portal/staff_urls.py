from django.urls import path

from zhibu.portal import ticket_views as views
from zhibu.portal.ticket_urls import DOOR

app_name = "requests"
urlpatterns = [
    path("", views.ticket_list, name="list"),
    path("take/<int:organization>/", views.take, name="take"),
    path(f"take/<int:organization>/{DOOR}", views.take_down, name="take_down"),
    path("<int:pk>/look/<slug:field>/", views.look, name="look"),
]
