from django.urls import path

from zhibu.registers import views

app_name = "registers"
REGISTER = "<slug:publisher>/<slug:pack>/<slug:item>/"
urlpatterns = [
    path("", views.register_list, name="list"),
    path("rows/<int:pk>/", views.show_row, name="row"),
    path("rows/<int:pk>/correct/", views.correct_row, name="correct"),
    path("rows/<int:pk>/close/", views.close_row, name="close"),
    path("rows/<int:pk>/void/", views.void_row, name="void"),
    path(REGISTER, views.register, name="register"),
    path(f"{REGISTER}gaps/", views.gap_list, name="gaps"),
    path(f"{REGISTER}open/<int:organization>/", views.open_row, name="open"),
    path(f"{REGISTER}import/<int:organization>/", views.bring_in, name="bring_in"),
]
