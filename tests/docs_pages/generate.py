"""Write the reference pages that are derived from code and data: commands, settings, topics, exactness, benchmarks.

python tests/docs_pages/generate.py            write them
python tests/docs_pages/generate.py --check    exit 1 if one is not as it should be, naming it
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from schemas.reference import topics
from schemas.topics import Topic
from streams.cli import build_app
from streams.core.settings import Settings
from tests.docs_pages.benchmarks import benchmarks_page
from tests.docs_pages.exactness import exactness_page
from tests.docs_pages.places import DOCS
from tests.docs_pages.scale import scale_page

_DAY_MS = 86_400_000


def rendered() -> Mapping[str, str]:
    """The text of every derived page, by its path below `docs/`."""
    return {
        "reference/commands.md": _commands(),
        "reference/settings.md": _settings(),
        "reference/topics.md": _topics(),
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


def _topics() -> str:
    lines = [
        "# Topics",
        "",
        "`zecto-sla migrate` creates those that are missing. All of them carry the broker's own timestamps",
        "(`LogAppendTime`); a topic set otherwise is refused at start-up (contract B5).",
        "",
        "| topic | direction | key | record | partitions | kept | largest record |",
        "|---|---|---|---|---|---|---|",
        *(_topic_row(topic) for topic in topics()),
    ]
    return "\n".join(lines) + "\n"


def _topic_row(topic: Topic) -> str:
    record = f"[{topic.record}](../../schemas/json/{topic.record}.schema.json)" if topic.record else ""
    kept = "for ever"
    if topic.compact:
        kept = "the last of each key"
    elif topic.retention_ms is not None:
        kept = f"{topic.retention_ms // _DAY_MS} days"
    size = f"{topic.max_bytes:,} bytes"
    key = topic.key.replace("|", "\\|")
    return f"| `{topic.name}` | {topic.direction} | {key} | {record} | {topic.partitions} | {kept} | {size} |"


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
