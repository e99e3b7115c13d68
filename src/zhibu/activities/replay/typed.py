"""What somebody would type or choose for a value of an example."""

from datetime import date


def typed(value: str | int | bool | date | list[str]) -> str | list[str]:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, list) else str(value)
