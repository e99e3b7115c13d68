from django.apps import AppConfig


class PairingsConfig(AppConfig):
    name = "zhibu.pairings"
    label = "pairings"
