from django.urls import path

from zhibu.pairings import registered_views, rota_views, views

app_name = "pairings"
KIND = "<slug:publisher>/<slug:pack>/<slug:item>/"
urlpatterns = [
    path("", views.link_list, name="list"),
    path("registered/", registered_views.show_registered, name="registered"),
    path("links/<int:pk>/", views.show_link, name="link"),
    path("links/<int:pk>/contact/", views.log_contact, name="contact"),
    path("links/<int:pk>/end/", views.end_link, name="end"),
    path("links/<int:pk>/void/", views.void_link, name="void"),
    path("contacts/<int:pk>/strike/", views.strike_contact, name="strike"),
    path("contacts/<int:pk>/become/", views.become, name="become"),
    path("rotas/", rota_views.rota_list, name="rotas"),
    path("rotas/<int:pk>/", rota_views.show_rota, name="rota"),
    path("rotas/<int:pk>/cancel/", rota_views.cancel_rota, name="cancel"),
    path("turns/<int:pk>/offer/", rota_views.offer_turn, name="offer"),
    path("turns/<int:pk>/withdraw/", rota_views.withdraw_offer, name="withdraw"),
    path("turns/<int:pk>/take/", rota_views.take_turn, name="take"),
    path("turns/<int:pk>/change/", rota_views.change_turn, name="change"),
    path("turns/<int:pk>/note/", rota_views.note_turn, name="note"),
    path(f"{KIND}gaps/", views.gap_list, name="gaps"),
    path(f"{KIND}begin/<int:organization>/", views.begin_link, name="begin"),
    path(f"{KIND}draw/<int:organization>/", rota_views.draw_up, name="draw"),
]
