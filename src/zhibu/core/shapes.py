"""What is wrong with a value of the wrong shape: pydantic's faults in our own words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

_MESSAGES = {
    "missing": "少了这一项",
    "extra_forbidden": "没有这个键",
    "string_type": "要写成字符串",
    "int_type": "要写成整数",
    "int_from_float": "要写成整数",
    "bool_type": "要写成 true 或 false",
    "decimal_type": "要写成数",
    "list_type": "要写成列表",
    "date_type": "要写成日期，不加引号",
    "model_type": "要写成表",
    "dict_type": "要写成表",
    "literal_error": "不是可用的值",
    "string_pattern_mismatch": "写法不对",
    "too_short": "不能为空",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}


def place(fault: Mapping[str, Any]) -> str:
    """cites[0].at: where in the value the fault is."""
    text = ""
    for step in fault["loc"]:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def message(fault: Mapping[str, Any]) -> str:
    """What is wrong, and what stands there now."""
    kind = fault["type"]
    if kind == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    text = _MESSAGES.get(kind, "写法不对")
    value = fault.get("input")
    plain = isinstance(value, (str, int, float, bool, date))
    return f"{text}（现在是 {value}）" if plain and kind != "missing" else text


def choices(fault: Mapping[str, Any]) -> str:
    """week、month、year: what may stand there instead."""
    expected = str(fault.get("ctx", {}).get("expected", ""))
    return expected.replace("'", "").replace(", ", "、").replace(" or ", "、")
