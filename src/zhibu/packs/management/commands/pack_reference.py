from typing import Any

from django.core.management.base import BaseCommand

from zhibu.packs import reference


class Command(BaseCommand):
    """``python -m django pack_reference > docs/packs.md``."""

    help = "写出 docs/packs.md"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference.text(), ending="")
