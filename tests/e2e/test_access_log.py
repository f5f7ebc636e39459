"""A real web server's log that nobody here wrote, imported twice: each line counts once."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from streams.stack.stack import EmbeddedStack
from tests.e2e.running import output, parsed

_LOG = Path(__file__).parents[1] / "data" / "apache_combined.log.gz"


@pytest.mark.stack
def test_imported_twice_each_line_of_a_real_log_counts_once(stack: EmbeddedStack) -> None:
    lines = gzip.decompress(_LOG.read_bytes()).decode("utf-8", "replace").splitlines()
    statuses = Counter(int(found[1]) for line in lines if (found := re.search(r'" ([0-9]{3}) (?:[0-9]+|-) ', line)))

    for _ in range(2):
        output(stack, "import", "--format", "combined", "--service", "whatsapp", "--account", "web", _LOG)
    output(stack, "drain", "--timeout", "120")

    minutes = parsed(stack, "minutes", "whatsapp", "2015-05-16T19:00:00Z", "2015-05-31T19:00:00Z")
    counted = Counter[str]()
    for minute in minutes:
        counted.update(minute["requests"])
    assert counted["platform"] == sum(count for status, count in statuses.items() if status >= 500) == 3
    assert counted["ok"] == sum(count for status, count in statuses.items() if status < 400)
    assert counted["customer"] == sum(count for status, count in statuses.items() if 400 <= status < 500)
    assert sum(counted.values()) == len(lines) == 10_000
