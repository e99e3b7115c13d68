from django.urls import path

from zhibu.organizations import successor_views, term_views, views

app_name = "organizations"
urlpatterns = [
    path("", views.listing, name="list"),
    path("export/", views.export, name="export"),
    path("terms/", term_views.terms, name="terms"),
    path("terms/export/", term_views.export_terms, name="export_terms"),
    path("mine/", views.mine, name="mine"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/found/", views.found, name="found"),
    path("<int:pk>/rename/", views.rename, name="rename"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/dissolve/", views.dissolve, name="dissolve"),
    path("<int:pk>/merge/", successor_views.merge, name="merge"),
    path("<int:pk>/split/", successor_views.split, name="split"),
    path("<int:pk>/plan/", successor_views.plan, name="plan"),
    path("<int:pk>/plan/blank/", successor_views.plan_blank, name="plan_blank"),
    path("<int:pk>/guide/", successor_views.guide, name="guide"),
    path("guidances/<int:pk>/end/", successor_views.end_guidance, name="end_guidance"),
    path("<int:pk>/turns/", successor_views.rotate, name="rotate"),
    path("<int:pk>/term/", views.begin_term, name="begin_term"),
    path("<int:pk>/groups/", views.form_group, name="form_group"),
    path("groups/<int:pk>/close/", views.close_group, name="close_group"),
    path("<int:pk>/posts/", views.make_post, name="make_post"),
]
