"""Options that several commands share."""

from typing import Annotated

from cyclopts import Parameter

AsOf = Annotated[str | None, Parameter(name=["--as-of", "--as-known-at"])]
"""An instant that a question is asked as of; the second name is the one that 0.1.0 gave it, and still works."""
