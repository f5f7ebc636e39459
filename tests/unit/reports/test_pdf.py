"""The PDF report: opened, read and drawn; two builds identical."""

import builtins
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pytest

from streams.core.errors import ZectoError
from streams.reports.model import Report
from streams.reports.render import pdf
from streams.reports.render.html import HtmlDrawing
from tests.unit.reports import making


def drawn(report: Report) -> bytes:
    return pdf.draw(HtmlDrawing(report.month).draw(report))


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(content)
    yield document
    document.close()


def test_two_pdf_builds_are_equal_whatever_the_clock_says() -> None:
    first = drawn(making.quiet())
    time.sleep(1.1)  # what is stamped, is stamped to the second
    assert drawn(making.quiet()) == first


def test_a_pdf_is_paper_that_can_be_read() -> None:
    with opened(drawn(making.busy())) as document:
        assert len(document) <= 4
        assert {tuple(map(round, page.get_size())) for page in document} == {(595, 842)}
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        metadata = document.get_metadata_dict()
        picture = document[0].render(scale=1).to_pil()
    for sentence in ("September 2026", "SMS missed the 99.9 % uptime guarantee", "97.0230 %", "123.46 PKR", "1 / 3"):
        assert sentence in text, sentence
    assert metadata["Title"] == "Service report September 2026 \N{EN DASH} acme"
    assert metadata["CreationDate"].startswith("D:20261004061209")
    # downtime is there to be seen: its red is on the first page
    pixels = picture.convert("RGB").tobytes()
    colours = zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True)
    assert any(red > 160 and green < 60 and blue < 60 for red, green, blue in colours)


def test_without_its_libraries_a_pdf_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def lacking(name: str, *rest: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(
        ZectoError, match=r"a PDF needs Pango.*apt-get install libpango-1.0-0.*--format html,xlsx"
    ) as to_record:
        pdf.check()
    assert "\n" not in str(to_record.value)


def test_a_report_that_refers_elsewhere_is_no_report() -> None:
    with pytest.raises(ValueError, match="refers to https"):
        pdf.fetch_nothing("https://example.com/x.png")
