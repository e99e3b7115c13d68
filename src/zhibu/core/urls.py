from django.urls import path

from zhibu.core import gallery, views

app_name = "core"
urlpatterns = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("large-print", views.large_print, name="large_print"),
    path("more/", views.more, name="more"),
    path("hat", views.wear_hat, name="wear_hat"),
    path("gallery/", gallery.gallery, name="gallery"),
]
