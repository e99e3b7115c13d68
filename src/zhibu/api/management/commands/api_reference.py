from typing import Any

from django.core.management.base import BaseCommand

from zhibu.api.reference import reference


class Command(BaseCommand):
    help = "Print the generated part of docs/api.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference())
