"""What somebody would type or choose for a value of an example, and what they were told."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile


def typed(value: str | int | bool | date | list[str]) -> str | list[str]:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, list) else str(value)


def upload(name: str) -> SimpleUploadedFile:
    """What somebody would hand in where a file is asked: an empty page of that name."""
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")


def otherwise(where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> Iterator[str]:
    """Where what was told, by field, is not what an example expects to be told."""
    for name in sorted(set(told) - set(expected)):
        yield f"{where}办不成：{name} {told[name]}"
    for name, says in sorted(expected.items()):
        said = told.get(name, "")
        if not said or says not in said:
            yield f"{where}在 {name} 应提示“{says}”，实际{f'“{said}”' if said else '没有提示'}"
