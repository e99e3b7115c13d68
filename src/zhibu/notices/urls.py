from django.urls import path

from zhibu.notices import outside_views, views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("<int:pk>/open/", views.open_notice, name="open"),
    path("read/", views.read_all, name="read_all"),
    path("settings/", outside_views.settings_page, name="settings"),
    path("settings/confirm/", outside_views.confirm, name="confirm"),
    path("outside/", outside_views.delivery_list, name="deliveries"),
    path("outside/again/", outside_views.send_all_again, name="send_all_again"),
    path("outside/<int:pk>/again/", outside_views.send_again, name="send_again"),
    path("webhooks/new/", outside_views.webhook_new, name="webhook_new"),
    path("webhooks/<int:pk>/", outside_views.webhook, name="webhook"),
    path("webhooks/<int:pk>/secret/", outside_views.webhook_secret, name="webhook_secret"),
    path("webhooks/<int:pk>/try/", outside_views.webhook_try, name="webhook_try"),
    path("feedback/", views.feedback, name="feedback"),
    path("feedback/all/", views.feedback_list, name="feedback_list"),
    path("feedback/<int:pk>/", views.feedback_detail, name="feedback_detail"),
]
