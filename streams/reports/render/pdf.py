"""A report as PDF, laid out by WeasyPrint from the HTML of the same report.

Dates are those of what the report rests on, fonts those of the system, embedded: on one machine the same report is the
same bytes. WeasyPrint needs Pango, which the system has to bring; nothing else here does.
"""

from types import ModuleType
from typing import cast

from streams.core.errors import Code, ZectoError


def check() -> None:
    """See whether PDFs can be drawn here.

    Raises:
        ZectoError: WeasyPrint's system libraries are missing; the message says what to install.
    """
    _weasyprint()


def draw(html: bytes) -> bytes:
    """The PDF of an HTML report, tagged for readers that cannot see it.

    Raises:
        ZectoError: WeasyPrint's system libraries are missing.
    """
    document = _weasyprint().HTML(string=html.decode(), url_fetcher=fetch_nothing)
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return made


def _weasyprint() -> ModuleType:
    try:
        import weasyprint  # noqa: PLC0415  HTML and XLSX must do without its libraries
    except OSError as error:
        raise ZectoError(
            "a PDF needs Pango, which this system lacks",
            hint="apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
            "libharfbuzz-subset0 fonts-dejavu-core, or leave PDFs out with --format html,xlsx",
            code=Code.LIBRARY_MISSING,
        ) from error
    return cast("ModuleType", weasyprint)


def fetch_nothing(url: str) -> None:
    """A report needs nothing from elsewhere."""
    raise ValueError(f"a report refers to {url}")
