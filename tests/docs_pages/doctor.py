"""The page of what `zecto-sla doctor` can find, from the codes and their words."""

from types import UnionType
from typing import Final

from streams.operations.doctor.codes import FieldTypes, FindingCode
from streams.operations.doctor.describe import WORDS

_HEAD: Final = """\
# What doctor finds

`zecto-sla doctor` looks at everything a person on call would look at. With `--json` it prints one object with
`healthy`, `examined_at` and `findings`, in the order in which one should read them:

```json
{
  "check": "lag", "level": "ok", "code": "lag", "fields": {"offsets": 12},
  "said": "12 offsets are not counted yet: api.requests/0 by 12", "to_do": "",
  "details": [{"topic": "api.requests", "partition": 0, "offsets": 12}]
}
```

Programs go by `code`, `fields` and the rows of `details`. A code keeps its name, level and fields from version to
version; `said` and `to_do` are for people and may change. Instants are text, durations are in milliseconds and end in
`_ms`. `error`, `message` and `hint` are those of [an error](errors.md). It exits with 1 if any level is `fault`.

| check | code | level | fields | said |
|---|---|---|---|---|
"""


def doctor_page() -> str:
    """A row for each code."""
    return _HEAD + "".join(_row(code) for code in FindingCode)


def _row(code: FindingCode) -> str:
    said = WORDS[code].said
    text = said if isinstance(said, str) else "".join(said)
    return f"| {code.check} | `{code.value}` | {code.level.value} | {_fields(code.fields)} | {text} |\n"


def _fields(fields: FieldTypes) -> str:
    return ", ".join(f"`{name}`: {_type(of)}" for name, of in fields.items())


def _type(of: type | UnionType) -> str:
    words = {int: "integer", str: "text", list: "list"}
    return words[of] if isinstance(of, type) else "text or null"
