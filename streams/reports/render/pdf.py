"""A report as PDF, laid out by Typst from the HTML of the same report, so that both say the same.

    HTML ─► tree (html_tree) ─► JSON ─► templates/report.typ ─► PDF/UA-1

Typst and the fonts are Python packages: no library or font of the system is used, and no instant but that of what the
report rests on, so that the same report is the same bytes on every machine with the same lock file.
"""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from streams.core.errors import Code, ZectoError
from streams.reports.render.html_tree import read_document

if TYPE_CHECKING:
    from typst import Compiler

_FONT_PACKAGES: Final = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
_MARKS: Final = frozenset(map(ord, "✓✗"))
"""Drawn with DejaVu Sans Mono, which Typst itself brings."""
_REPLACEMENT: Final = "[U+{:04X}]"
_FIRST_PRINTABLE: Final = 0x20


def check() -> None:
    """See whether PDFs can be drawn here.

    Raises:
        ZectoError: the packages of the extra `reports` are not installed; the message says what to install.
    """
    try:
        _compiler()
        _covered()
    except ImportError as error:
        raise ZectoError(
            f"a PDF needs the package {error.name}",
            hint="pip install 'zecto-sla[reports]', or leave PDFs out with --format html,xlsx",
            code=Code.LIBRARY_MISSING,
        ) from error


def draw(html: bytes) -> bytes:
    """The PDF of an HTML report, tagged for readers that cannot see it.

    Raises:
        ZectoError: Typst refuses the report, or warns of anything in it; or it is not installed.
    """
    check()
    document = read_document(html.decode(), _displayable)
    return _compile(json.dumps(document.to_typst(), ensure_ascii=False), datetime.fromisoformat(document.dated))


def _compile(document: str, dated: datetime) -> bytes:
    from typst import TypstError  # noqa: PLC0415  HTML and XLSX do without it

    try:
        pages, warnings = _compiler().compile_with_warnings(
            input=_template(),  # in each call: Typst forgets what the compiler was made with
            sys_inputs={"document": document},
            format="pdf",
            pdf_standards="ua-1",
            timestamp=dated,
        )
    except TypstError as error:
        raise ZectoError(f"a PDF cannot be laid out: {error.message}", code=Code.PDF_REFUSED) from error
    if warnings:
        raise ZectoError(f"a PDF cannot be laid out: {warnings[0].message}", code=Code.PDF_REFUSED)
    if not isinstance(pages, bytes):
        raise ZectoError("a PDF cannot be laid out: no file was made", code=Code.PDF_REFUSED)
    return pages


@cache
def _compiler() -> "Compiler":
    from typst import Compiler, Fonts  # noqa: PLC0415  HTML and XLSX do without it

    folders = [f"{files(name).joinpath('files')}" for name in _FONT_PACKAGES]
    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
    return Compiler(font_paths=fonts, ignore_system_fonts=True)


@cache
def _template() -> bytes:
    return files(__package__).joinpath("templates", "report.typ").read_bytes()


@cache
def _covered() -> frozenset[int]:
    """Characters that the fonts can draw; they claim NUL and carriage return, which nobody would see."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  HTML and XLSX do without it

    covered = set(_MARKS)
    for name in _FONT_PACKAGES:
        for font in files(name).joinpath("files").iterdir():
            if font.name.endswith(".ttf") and "Italic" not in font.name:
                with TTFont(f"{font}", lazy=True) as opened:
                    covered |= opened.getBestCmap().keys()
    return frozenset(code for code in covered if code >= _FIRST_PRINTABLE)


def _displayable(text: str) -> str:
    """A text whose characters all have a glyph, as PDF/UA demands; others are written as `[U+1F600]`."""
    covered = _covered()
    return "".join(each if ord(each) in covered or each == "\n" else _REPLACEMENT.format(ord(each)) for each in text)
