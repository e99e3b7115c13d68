from django.urls import path

from zhibu.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.heads, name="heads"),
    path("<uuid:key>/<int:number>/", views.proof, name="proof"),
    path("<uuid:key>/<int:number>/proof.json", views.proof_file, name="proof_file"),
]
