from django.urls import URLPattern, URLResolver, path

from zhibu.portal import page_views, ticket_urls

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", page_views.home, name="home"),
    path("<int:pk>/", page_views.organization, name="organization"),
    path("<int:pk>/notices/", page_views.notice_list, name="notices"),
    path("<int:pk>/promises/", page_views.promise_list, name="promises"),
    path("<int:pk>/decisions/", page_views.decision_list, name="decisions"),
    path("publication/<int:pk>/", page_views.publication, name="publication"),
    path("publication/<int:pk>/ask/", page_views.raise_voice, name="raise_voice"),
    path("answer/", page_views.follow_voice, name="follow_voice"),
    path("find/", page_views.find, name="find"),
    path("privacy/", page_views.privacy, name="privacy"),
    path("feedback/", page_views.feedback, name="feedback"),
    *ticket_urls.public,
]
