from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from zhibu.cases import pages
from zhibu.packs import library


class Command(BaseCommand):
    """``python -m django procedure_reference docs``."""

    help = "写出 docs/procedures.md 和它的图"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Drawings of procedures that are gone are removed."""
        folder: Path = options["folder"]
        found = pages.files(library.shipped())
        for old in (folder / pages.PICTURES).glob("*.svg"):
            if old.relative_to(folder) not in found:
                old.unlink()
        for path, text in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
