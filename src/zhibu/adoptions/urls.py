from django.urls import path

from zhibu.adoptions import views

app_name = "adoptions"
urlpatterns = [
    path("", views.in_force, name="in_force"),
    path("export/", views.export, name="export"),
    path("packs/", views.pack_list, name="packs"),
    path("packs/<slug:publisher>/<slug:slug>/", views.pack_detail, name="pack"),
    path(
        "packs/<slug:publisher>/<slug:slug>/<slug:kind>/<slug:item_id>/",
        views.item_detail,
        name="item",
    ),
    path("adoptions/<int:pk>/", views.detail, name="detail"),
    path("adoptions/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("adopt/", views.adopt, name="adopt"),
]
