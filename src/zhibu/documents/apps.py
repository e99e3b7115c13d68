from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "zhibu.documents"
    label = "documents"
