"""The PDF report: opened, read and drawn; the same bytes everywhere, and readable without eyes (PDF/UA-1)."""

import ctypes
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import raw

from streams.core.errors import ZectoError
from streams.reports.model import OperatorDelivery, Report
from streams.reports.render import pdf
from streams.reports.render.html import HtmlDrawing
from tests.unit.reports import making

QUIET: Final = making.month("2027-02")
ROOT: Final = Path(__file__).parents[3]
# a process of its own prints the hash of the busy report
DRAW: Final = """
import sys
from hashlib import sha256
sys.path.insert(0, sys.argv[1])
from tests.unit.reports import making
from streams.reports.render import pdf
from streams.reports.render.html import HtmlDrawing
report = making.busy()
print(sha256(pdf.draw(HtmlDrawing(report.month).draw(report))).hexdigest())
"""
# neither zone, language, home, hash seed nor the date that builds are given may leave a trace
PLACES: Final[list[Mapping[str, str]]] = [
    {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0", "HOME": "/nowhere"},
    {"TZ": "Asia/Karachi", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1"},
    {"TZ": "America/St_Johns", "PYTHONHASHSEED": "2", "TYPST_FONT_PATHS": "/usr/share/fonts"},
]


def drawn(report: Report) -> bytes:
    return pdf.draw(HtmlDrawing(report.month).draw(report))


def named(account_id: str) -> Report:
    return Report(month=QUIET, account=making.account(account_id))


def operator(name: str) -> OperatorDelivery:
    return OperatorDelivery(service="sms", operator=name, delivered=1, failed=0, share="100.0000")


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(content)
    yield document
    document.close()


def text_of(content: bytes) -> str:
    with opened(content) as document:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def wide_text(read: Callable[..., int], *of: Any) -> str:  # noqa: ANN401  PDFium's handles
    """A text that PDFium writes into a buffer, which is asked for its length first."""
    buffer = ctypes.create_string_buffer(read(*of, None, 0))
    read(*of, buffer, len(buffer))
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def elements(document: pypdfium2.PdfDocument) -> Iterator[tuple[str, str]]:
    """Type and alternative text of every element of the structure tree."""
    for page in document:
        tree = raw.FPDF_StructTree_GetForPage(page)
        waiting = [
            raw.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(raw.FPDF_StructTree_CountChildren(tree))
        ]
        while waiting:
            if element := waiting.pop():
                yield (
                    wide_text(raw.FPDF_StructElement_GetType, element),
                    wide_text(raw.FPDF_StructElement_GetAltText, element),
                )
                children = range(raw.FPDF_StructElement_CountChildren(element))
                waiting += [raw.FPDF_StructElement_GetChildAtIndex(element, at) for at in children]
        raw.FPDF_StructTree_Close(tree)


def test_the_same_bytes_whatever_process_zone_language_and_folder(tmp_path: Path) -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", DRAW, f"{ROOT}"],
            env={"PATH": os.defpath, **place},
            cwd=(ROOT, tmp_path, "/")[number],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for number, place in enumerate(PLACES)
    }
    assert found == {sha256(drawn(making.busy())).hexdigest()}


def test_a_pdf_is_paper_that_can_be_read() -> None:
    content = drawn(making.busy())
    with opened(content) as document:
        assert len(document) <= 4
        assert {tuple(map(round, page.get_size())) for page in document} == {(595, 842)}
        metadata = document.get_metadata_dict()
        pixels = document[0].render(scale=1, rev_byteorder=True).to_numpy().astype(int)
    text = text_of(content)
    for sentence in ("September 2026", "SMS missed the 99.9 % uptime guarantee", "97.0230 %", "123.46 PKR", "1 / 3"):
        assert sentence in text, sentence
    assert metadata["Title"] == "Service report September 2026 \N{EN DASH} acme"
    assert metadata["CreationDate"].startswith("D:20261004061209")
    # downtime is there to be seen: its red is on the first page
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    assert ((red > 160) & (green < 60) & (blue < 60)).any()


def test_everything_the_html_says_the_pdf_says() -> None:
    report = making.busy()
    html = HtmlDrawing(report.month).draw(report).decode()
    said = "".join(text_of(drawn(report)).split())
    for word in ("Telenor", "scheduled maintenance", "claimed before, too late", "2 h 40 min", "5d2c" * 16):
        assert word in html
        assert "".join(word.split()) in said, word


@pytest.mark.parametrize("make", [making.busy, making.quiet, making.in_progress, making.crowded])
def test_pages_can_be_read_without_being_seen(make: Callable[[], Report]) -> None:
    content = drawn(make())
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/DisplayDocTitle true" in content
    assert b"/Lang(en)" in content
    with opened(content) as document:
        assert raw.FPDFCatalog_IsTagged(document)
        found = list(elements(document))
    kinds = Counter(kind for kind, _ in found)
    assert kinds["H1"] == 1
    assert kinds.keys() >= {"H2", "P"}
    pictures = [label for kind, label in found if kind == "Figure"]
    assert len(pictures) >= 4  # a month strip a service
    assert all(pictures)


def test_no_font_of_the_system_is_in_a_pdf() -> None:
    content = drawn(named("\N{ARABIC LETTER ZAIN}\N{ARABIC LETTER KAF} \N{CYRILLIC SMALL LETTER ZHE}"))
    fonts = set()
    with opened(content) as document:
        for page in document:
            for shown in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=4):
                font = raw.FPDFTextObj_GetFont(shown)
                assert raw.FPDFFont_GetIsEmbedded(font)
                buffer = ctypes.create_string_buffer(raw.FPDFFont_GetBaseFontName(font, None, 0))
                raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
                fonts.add(buffer.value.decode().partition("-")[0].partition("+")[2])
    assert fonts == {"NotoSans", "NotoSansArabic", "DejaVuSansMono"}


def test_a_letter_without_a_glyph_is_shown_as_its_number() -> None:
    text = text_of(drawn(named("a\N{GRINNING FACE}b\x00c")))
    assert r"a[U+1F600]b\x00c" in text


@settings(max_examples=10)
@given(names=st.lists(st.text(max_size=24), min_size=40, max_size=40))
def test_any_names_can_be_drawn(names: list[str]) -> None:
    account = making.account(operators=[operator(name) for name in names])
    assert drawn(Report(month=QUIET, account=account)).startswith(b"%PDF-1.7")


def test_a_missing_glyph_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_displayable", str)
    with pytest.raises(ZectoError, match="could not be displayed"):
        drawn(named("\N{GRINNING FACE}"))


def test_a_missing_font_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = pdf._template().replace(b'"Noto Sans Arabic"', b'"Comic Sans"')
    monkeypatch.setattr(pdf, "_template", lambda: changed)
    with pytest.raises(ZectoError, match="unknown font family: comic sans"):
        drawn(making.quiet())


@pytest.mark.parametrize("lacking", ["typst", "fontTools.ttLib", "fontpkg_noto_sans"])
def test_without_the_extra_a_pdf_is_refused_in_one_line(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, lacking, None)
    pdf._compiler.cache_clear()
    pdf._covered.cache_clear()
    with pytest.raises(ZectoError, match=r"pip install 'zecto-sla\[reports\]'.*--format html,xlsx") as refused:
        pdf.check()
    assert "\n" not in f"{refused.value}"
