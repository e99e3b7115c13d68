from django.urls import path

from zhibu.publishing import views

app_name = "publishing"
urlpatterns = [
    path("", views.publication_list, name="list"),
    path("due/", views.due, name="due"),
    path("from-record/", views.from_record, name="from_record"),
    path("voices/", views.voice_list, name="voices"),
    path("voices/<int:pk>/", views.voice, name="voice"),
    path("propose/<int:organization>/", views.propose, name="propose"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/publish/", views.publish, name="publish"),
    path("<int:pk>/return/", views.send_back, name="return"),
    path("<int:pk>/look-again/", views.look_again, name="look_again"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/post/", views.post, name="post"),
    path("<int:pk>/postings/<int:posting>/end/", views.end_posting, name="end_posting"),
    path("<int:pk>/read/", views.read, name="read"),
    path("<int:pk>/receipts/", views.receipts, name="receipts"),
    path("<int:pk>/word/", views.word_file, name="word"),
]
