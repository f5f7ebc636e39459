"""A value inside JSON, by a path that people can write: `services.sms.uptime`, `windows[reason=foretold].minutes`."""

import re
from typing import Any, Final

_STEP: Final = re.compile(r"\.?([A-Za-z0-9_-]+)|\[([^\]]*)\]|(#)")
NOTHING: Final = "(nothing)"


def look_up(answer: Any, path: str) -> Any:  # noqa: ANN401  any JSON
    """The value at the path, or NOTHING.

    `name` takes a field, `[3]` an element, `[kind=ddos,minutes=5]` the first element of a list with these fields,
    all as text, and `#` the length; `[kind=ddos]#` counts the elements that fit. An empty path is the whole answer.
    """
    position, value = 0, answer
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise ValueError(f"{path}: no path from {path[position:]!r} on")
        position = step.end()
        if step[2] is not None and path[position:] == "#":
            return len(_fitting(value, step[2]))
        value = _taken(value, step)
    return value


def _taken(value: Any, step: re.Match[str]) -> Any:  # noqa: ANN401
    if step[3]:
        return len(value) if isinstance(value, (list, dict, str)) and value != NOTHING else NOTHING
    if step[1]:
        return value.get(step[1], NOTHING) if isinstance(value, dict) else NOTHING
    return next(iter(_fitting(value, step[2])), NOTHING)


def _fitting(value: Any, wanted: str) -> list[Any]:  # noqa: ANN401
    """The elements of a list that fit: one by its number, or those with all these fields."""
    if not isinstance(value, list):
        return []
    if wanted.isdigit():
        return value[int(wanted) : int(wanted) + 1]
    fields = [pair.split("=", 1) for pair in wanted.split(",")]
    return [each for each in value if all(str(look_up(each, name)) == text for name, text in fields)]
