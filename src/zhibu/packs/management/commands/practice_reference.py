from typing import Any

from django.core.management.base import BaseCommand

from zhibu.packs import library, practices


class Command(BaseCommand):
    """``python -m django practice_reference > docs/practices.md``."""

    help = "写出 docs/practices.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(practices.text(library.shipped()), ending="")
