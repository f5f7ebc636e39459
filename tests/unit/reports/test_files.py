"""Reports as files: one name for one account, whole or not at all, by one process or by many."""

from pathlib import Path

import pytest

from streams.core.errors import UsageError, ZectoError
from streams.reports.files import Drawer, file_stem, read_formats
from streams.reports.write import write_reports
from tests.unit.reports import making


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("acme", "acme"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd"),
        ("a b\0c", "a%20b%00c"),
        ("C:\\x", "C%3A%5Cx"),
        ("ä", "%C3%A4"),
    ],
)
def test_an_account_names_a_file_whatever_its_id_holds(account: str, name: str) -> None:
    assert file_stem("2026-09", account) == f"zecto-sla-2026-09-{name}"


def test_the_longest_ids_have_distinct_names_file_systems_take() -> None:
    names = {file_stem("2026-09", "\N{GRINNING FACE}" * 63 + end) for end in "ab"}
    assert len(names) == 2
    assert all(len(name.encode()) < 200 for name in names)


@pytest.mark.parametrize(("text", "read"), [("html", ["html"]), ("xlsx, html,html", ["html", "xlsx"])])
def test_formats_are_each_once_and_in_one_order(text: str, read: list[str]) -> None:
    assert read_formats(text) == read


@pytest.mark.parametrize("text", ["", "html,docx", "html,"])
def test_a_format_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"no format .*; there are html, pdf, xlsx"):
        read_formats(text)


def test_an_unwritable_file_is_one_line(tmp_path: Path) -> None:
    drawer = Drawer({"p": making.month()}, ["html"], tmp_path / "nowhere")
    with pytest.raises(ZectoError, match="cannot be written: its directory does not exist"):
        drawer.write("p", making.account())


def test_a_report_is_replaced_only_when_told(tmp_path: Path) -> None:
    months, account = {"p": making.month()}, making.account()
    (first,) = Drawer(months, ["html"], tmp_path).write("p", account)
    with pytest.raises(UsageError, match="exists; name another file, or add --overwrite"):
        Drawer(months, ["html"], tmp_path).write("p", account)
    assert Drawer(months, ["html"], tmp_path, overwrite=True).write("p", account) == [first]


def test_many_processes_write_what_one_writes_in_account_order(tmp_path: Path) -> None:
    month = making.month(spans={"sms": {"down": [range(50)]}})
    names = [f"account-{number}" for number in range(9)]
    folders = [tmp_path / "one", tmp_path / "many"]
    for folder in folders:
        folder.mkdir()
    gather = lambda name: ("p", making.busy_account(name))  # noqa: E731
    one = [
        files for name in names for files in write_reports({"p": month}, [name], gather, ["html", "xlsx"], folders[0])
    ]
    many = list(write_reports({"p": month}, names, gather, ["html", "xlsx"], folders[1]))
    assert [file.account_id for files in many for file in files] == [name for name in names for _ in range(2)]
    assert [[file.sha256 for file in files] for files in many] == [[file.sha256 for file in files] for files in one]
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second
    assert len(first) == 18
