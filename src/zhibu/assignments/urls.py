from django.urls import path

from zhibu.assignments import views
from zhibu.assignments.views import answering, issuing

app_name = "assignments"
urlpatterns = [
    path("", views.task_list, name="list"),
    path("new/", views.assign, name="assign"),
    path("many/", views.change_many, name="change_many"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/complete/", views.complete, name="complete"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/names/", answering.name, name="name"),
    path("<int:pk>/answer/", answering.answer, name="answer"),
    path("<int:pk>/take/", answering.take, name="take"),
    path("<int:pk>/send-back/", answering.send_back, name="send_back"),
    path("commissions/", issuing.commission_list, name="commissions"),
    path("commissions/new/", issuing.issue, name="issue"),
    path("commissions/<int:pk>/", issuing.commission, name="commission"),
    path("commissions/<int:pk>/take/", issuing.take_many, name="take_many"),
    path("commissions/<int:pk>/paper/", issuing.paper, name="paper"),
    path("commissions/<int:pk>/remind/", issuing.remind, name="remind"),
    path("commissions/<int:pk>/withdraw/", issuing.withdraw, name="withdraw"),
]
