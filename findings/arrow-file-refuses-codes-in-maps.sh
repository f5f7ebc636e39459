#!/bin/sh
# ClickHouse 26.9.2.1 (chdb 4.4.0, chdb-core 26.9.0) writing Arrow files, with output_format_arrow_low_cardinality_as_dictionary = 1.
#
# Expected: LowCardinality strings come as dictionary codes wherever they stand, or the writer says at once that it does
# not write them there.
# Seen: as a column of its own, a LowCardinality string is written from any number of blocks. As the key of a map it is
# written, too, as long as all blocks name the same keys in the same order; a later block that names another ends the
# answer with "Dictionary replacement detected". So a question that was right for months fails on the day on which a
# second log shipper appears.
# What we do: maps of sources keep plain strings; streams/judge/arrow.py turns their keys into codes after reading.
#
# Exits 0 when it sees exactly this, 1 otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0 pyarrow==26.0.1
"$work/venv/bin/python" - <<'PROGRAM'
import sys

import chdb
import pyarrow as pa

SETTINGS = "SETTINGS max_block_size = 1000, output_format_arrow_low_cardinality_as_dictionary = 1"


def rows(expression, names):
    """Rows in an Arrow file of three blocks, of which the last may name another source; or why there is none."""
    last = {"one": "'gw-1'", "two": "if(number < 2000, 'gw-1', 'gw-2')"}[names]
    question = f"SELECT {expression.format(source=last)} AS sources FROM numbers(3000) {SETTINGS}"
    try:
        return len(pa.ipc.open_file(chdb.query(question, "Arrow").bytes()).read_all())
    except Exception as error:
        return "Dictionary replacement" if "Dictionary replacement detected" in str(error) else str(error)


column = "CAST({source}, 'LowCardinality(String)')"
key = "CAST(map({source}, toUInt32(1)), 'Map(LowCardinality(String), UInt32)')"
seen = {(name, names): rows(text, names) for name, text in (("column", column), ("key", key)) for names in ("one", "two")}
for (name, names), found in seen.items():
    print(f"{name} of a map" if name == "key" else name, names, "source(s):", found)
print("chdb", chdb.__version__)
sys.exit(
    seen
    != {
        ("column", "one"): 3000,
        ("column", "two"): 3000,
        ("key", "one"): 3000,
        ("key", "two"): "Dictionary replacement",
    }
)
PROGRAM
