"""Write the reference pages that are derived from code and data, such as commands, settings, errors and topics.

python tests/docs_pages/generate.py            write them
python tests/docs_pages/generate.py --check    exit 1 if one is not as it should be, naming it
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from schemas.reference import topics
from schemas.topics import Direction, Topic
from streams.cli import build_app
from streams.core.errors import Code
from streams.core.settings import Settings
from tests.docs_pages.benchmarks import benchmarks_page
from tests.docs_pages.doctor import doctor_page
from tests.docs_pages.exactness import exactness_page
from tests.docs_pages.places import DOCS
from tests.docs_pages.policy_fields import policy_fields_page
from tests.docs_pages.scale import scale_page

_DAY_MS = 86_400_000


def rendered() -> Mapping[str, str]:
    """The text of every derived page, by its path below `docs/`."""
    return {
        "reference/commands.md": _commands(),
        "reference/settings.md": _settings(),
        "reference/errors.md": _errors(),
        "reference/doctor.md": doctor_page(),
        "reference/topics.md": _topics(),
        "reference/policy-fields.md": policy_fields_page(),
        "reference/exactness.md": exactness_page(),
        "reference/benchmarks/README.md": benchmarks_page(),
        "explanation/scale.md": scale_page(),
    }


def main(arguments: list[str]) -> int:
    """Write or check the derived pages."""
    stale = [path for path, text in rendered().items() if not _is_current(DOCS / path, text)]
    if "--check" in arguments:
        sys.stderr.writelines(f"docs/{path} is stale: run make generate\n" for path in stale)
        return bool(stale)
    for path in stale:
        (DOCS / path).write_text(rendered()[path], "utf-8")
    return 0


def _commands() -> str:
    """The help of every command; examples, which help draws in boxes, as code."""
    text = build_app().generate_docs(output_format="markdown")
    text = re.sub(r"^┌.*┐$", "\n```console", text, flags=re.MULTILINE)
    text = re.sub(r"^└.*┘$", "```", text, flags=re.MULTILINE)
    text = re.sub(r"^│ (.*?) *│$", r"\1", text, flags=re.MULTILINE)
    lines = (line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace("# zecto-sla\n", "# Commands\n", 1).rstrip() + "\n"


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Every command takes them from the environment. `zecto-sla env` prints those of an embedded stack.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if name == "kafka_sasl_password" else field.default
        lines.append(f"| `ZECTO_{name.upper()}` | `{default}` | {field.description or ''} |")
    return "\n".join(lines) + "\n"


_ERRORS_HEAD: Final = """\
# Errors

A command that fails writes one line to standard error, `zecto-sla: ` and what is wrong; after a semicolon may follow
what to do. It exits with 2 if it was called wrongly, with 1 otherwise. With `--json` the line is a JSON object instead:

```json
{"error": {"code": "port-taken", "part": "stack", "message": "port 9092 is taken", "hint": "choose another"}}
```

Programs go by `code`, which keeps its name and meaning from version to version; `message` and `hint` are for people and
may change. `part` says where the cause is.

| code | part | meaning |
|---|---|---|
"""


def _errors() -> str:
    return _ERRORS_HEAD + "".join(f"| `{code}` | {code.part} | {code.meaning} |\n" for code in Code)


_TOPICS_HEAD: Final = """\
# Topics

What is read and written, from [schemas/topics.toml](../../schemas/topics.toml). `zecto-sla migrate` creates those that
are missing; of those that exist it checks the settings and changes none. A worker refuses to start if a topic lacks the
broker's own timestamps (`LogAppendTime`, contract B5), drops records by compaction (all but `sla.minutes`), or takes
smaller records than below.

Topics marked *in* are read: other teams produce them. Topics marked *out* are written, for other teams to read; the
records of `sla.statements` and `sla.credits` are effective by their order, so these two are read as well, and must
never get a second partition, be compacted or be deleted. Input topics may get more partitions at any time.
"""

_TOPICS_FOOT: Final = """
A topic that is deleted and created again is another [incarnation](glossary.md#incarnation), with a hole before it (B3).
`zecto-sla dump TOPIC` archives one before retention takes it; the AsyncAPI document is
[schemas/asyncapi.yaml](../../schemas/asyncapi.yaml). To add a topic, see
[contributing](../../CONTRIBUTING.md#add-a-topic).
"""


def _topics() -> str:
    lines = [
        _TOPICS_HEAD,
        "| topic | direction | key | record | partitions | kept | largest record |",
        "|---|---|---|---|---|---|---|",
        *(_topic_row(topic) for topic in topics()),
    ]
    return "\n".join(lines) + "\n" + _TOPICS_FOOT


def _topic_row(topic: Topic) -> str:
    kept = "for ever"
    if topic.compact:
        kept = "the last of each key"
    elif topic.retention_ms is not None:
        kept = f"{topic.retention_ms // _DAY_MS} days"
    size = f"{topic.max_bytes:,} bytes"
    key = topic.key.replace("|", "\\|")
    return f"| `{topic.name}` | {topic.direction} | {key} | {_record(topic)} | {topic.partitions} | {kept} | {size} |"


def _record(topic: Topic) -> str:
    """The record's name with its section of the records page and its JSON Schema."""
    if not topic.record:
        return ""
    anchor = topic.name.replace(".", "") + ("-written" if topic.direction is Direction.OUT else "")
    return f"[{topic.record}](records.md#{anchor}), [schema](../../schemas/json/{topic.record}.schema.json)"


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
