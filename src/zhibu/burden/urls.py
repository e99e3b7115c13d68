from django.urls import path

from zhibu.burden import views

app_name = "burden"
CAP = "<slug:publisher>/<slug:pack>/<slug:item>/"
urlpatterns = [
    path("", views.cap_list, name="list"),
    path(CAP, views.cap, name="cap"),
    path(f"{CAP}rows/", views.row_list, name="rows"),
]
