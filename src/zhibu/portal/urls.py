from zhibu.portal import ticket_urls

app_name = "portal"
urlpatterns = [*ticket_urls.public]
