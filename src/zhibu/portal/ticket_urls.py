"""Addresses of requests: those without an account below /open/, those of the staff below
/requests/. A pack's id has a slash: publisher and name stand apart."""

from django.urls import path

from zhibu.portal import ticket_views as views

DOOR = "<path:pack>/<slug:procedure>/"

public = [
    path("<int:organization>/ask/", views.doors, name="doors"),
    path(f"<int:organization>/ask/{DOOR}", views.ask, name="ask"),
    path("receipt/", views.receipt, name="receipt"),
    path("track/", views.track, name="track"),
    path("track/mine/", views.mine, name="mine"),
    path("track/leave/", views.leave, name="leave"),
]
