from django.urls import path

from zhibu.money import views

app_name = "money"
urlpatterns = [
    path("", views.book_list, name="list"),
    path("sums/", views.rollup, name="rollup"),
    path("<int:pk>/", views.book, name="book"),
    path("<int:pk>/list/", views.claims, name="claims"),
    path("<int:pk>/receive/", views.receive, name="receive"),
    path("<int:pk>/pledge/", views.pledge, name="pledge"),
    path("<int:pk>/labour/", views.labour, name="labour"),
    path("<int:pk>/settle/", views.settle, name="settle"),
    path("<int:pk>/claim/", views.claim, name="claim"),
    path("claims/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("entries/<int:pk>/reverse/", views.reverse_entry, name="reverse"),
    path("quantities/<int:pk>/reverse/", views.reverse_quantity, name="reverse_quantity"),
]
