"""Reports as files: what they are called, and how each comes into its place whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, assert_never
from urllib.parse import quote

import msgspec

from streams.core.canonical_json import sha256_of
from streams.core.errors import UsageError
from streams.core.output_files import output_file
from streams.reports.model import Report, ReportAccount, ReportMonth
from streams.reports.render import pdf
from streams.reports.render.html import HtmlDrawing
from streams.reports.render.xlsx import XlsxDrawing

Format = Literal["html", "pdf", "xlsx"]
FORMATS: Final[Sequence[Format]] = ("html", "pdf", "xlsx")

_LONGEST_NAME: Final = 120
_DIGITS: Final = 16


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was written."""

    account_id: str
    format: Format
    file: str
    bytes: int
    sha256: str


class Drawer:
    """Draws and writes the reports of one month; what accounts share is drawn once for each policy."""

    def __init__(
        self, months: Mapping[str, ReportMonth], formats: Sequence[Format], folder: Path, *, overwrite: bool = False
    ) -> None:
        self._months = months
        self._formats = formats
        self._folder = folder
        self._overwrite = overwrite
        self._html = {policy_id: HtmlDrawing(month) for policy_id, month in months.items()}
        self._xlsx = {policy_id: XlsxDrawing(month) for policy_id, month in months.items()}

    def write(self, policy_id: str, account: ReportAccount) -> list[Written]:
        """The files of an account's report.

        Raises:
            UsageError: a file exists and is not to be overwritten.
            ZectoError: a file cannot be written, or a PDF not be drawn.
        """
        report = Report(month=self._months[policy_id], account=account)
        return [self._put(report, of, self._draw(policy_id, report, of)) for of in self._formats]

    def _draw(self, policy_id: str, report: Report, of: Format) -> bytes:
        match of:
            case "html":
                return self._html[policy_id].draw(report)
            case "pdf":
                return pdf.draw(self._html[policy_id].draw(report))
            case "xlsx":
                return self._xlsx[policy_id].draw(report)
        assert_never(of)

    def _put(self, report: Report, of: Format, content: bytes) -> Written:
        account_id = report.account.account_id
        path = self._folder / f"{file_stem(report.month.month, account_id)}.{of}"
        with output_file(path, overwrite=self._overwrite) as file:
            file.write(content)
        return Written(account_id=account_id, format=of, file=f"{path}", bytes=len(content), sha256=sha256_of(content))


def file_stem(month: str, account_id: str) -> str:
    """What an account's files of a month are called, before the dot: one name for one id.

    Letters, digits, `-`, `_` and dots are kept, all else is escaped as in addresses; what would be too long for a file
    system ends in a hash. File systems that do not distinguish small letters from capitals may take two ids for one.
    """
    name = quote(account_id, safe="").replace("~", "%7E")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME].rstrip('%')}-{sha256_of(account_id.encode())[:_DIGITS]}"
    return f"zecto-sla-{month}-{name}"


def read_formats(text: str) -> list[Format]:
    """Formats as they are listed, `html,xlsx`, each once and in the order of FORMATS.

    Raises:
        UsageError: one that there is not, or none.
    """
    asked = {part.strip() for part in text.split(",")}
    if strange := sorted(asked - set(FORMATS)):
        raise UsageError(f"no format {strange[0]!r}; there are {', '.join(FORMATS)}")
    return [one for one in FORMATS if one in asked]
