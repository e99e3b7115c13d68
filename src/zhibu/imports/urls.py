from django.urls import path

from zhibu.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.upload, name="upload"),
    path("blank/", views.blank, name="blank"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/faults/", views.faults, name="faults"),
    path("<int:pk>/rest/", views.rest, name="rest"),
    path("<int:pk>/apply/", views.apply, name="apply"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
]
