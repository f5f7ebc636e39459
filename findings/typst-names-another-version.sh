#!/bin/sh
# typst 0.15.2, the Python binding that brings the Typst compiler.
#
# Expected: a PDF names the version that made it, so that one can be made again, byte for byte, years later.
# Seen: the PDF says "Typst 0.15.1": the compiler within is one release older than the package.
# What we do: keep the package's version beside the report's data, not the one that the PDF names.
#
# Exits 0 when it sees exactly this, 1 otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
"$work/venv/bin/python" - <<'PROGRAM'
import re
import sys
from importlib.metadata import version

import typst

pdf = typst.compile(b'#set document(title: "Report")\n= Report\nOne page.')
named = sorted({name.decode() for name in re.findall(rb"Typst [0-9]+\.[0-9]+\.[0-9]+", pdf)})
print("typst", version("typst"), "names itself", named)
sys.exit(named != ["Typst 0.15.1"])
PROGRAM
