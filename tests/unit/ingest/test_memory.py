"""A worker's memory goes back to the system: Arrow must be told before it is imported."""

import os
import subprocess
import sys

_STARTS = """
import sys
from streams.core import failpoints
from streams.ingest.memory import leave_pandas_out, return_memory_early
from streams.core.logs import configure_logs
from streams.core.settings import Settings
assert "pyarrow" not in sys.modules, "too late"
return_memory_early()
leave_pandas_out()
import pyarrow
pyarrow.array([1])
print(pyarrow.default_memory_pool().backend_name, "pandas" in sys.modules)
"""


def test_a_worker_starts_with_the_systems_allocator_without_pandas() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run([sys.executable, "-c", _STARTS], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("system False", "")
