from django.urls import path

from zhibu.accounts import filter_views, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("activate/", views.activate, name="activate"),
    path("password/", views.change_password, name="change_password"),
    path("filters/", filter_views.listing, name="filters"),
    path("filters/save/", filter_views.save, name="save_filter"),
    path("filters/<int:pk>/", filter_views.rename, name="rename_filter"),
    path("filters/<int:pk>/delete/", filter_views.delete, name="delete_filter"),
    path("roles/", views.roles_page, name="roles"),
]
