"""What a statement may reach: the engine's own grants, and the few doors that grants do not close.

The grants and constants are the engine's configuration, so no statement, setting or parameter lifts them. They leave
databases, tables and views; they leave out files, addresses, other engines, scripts, backups, users and `SYSTEM`.

An embedded engine does a few things as its host process, which no grant covers: the function `file`, `INTO OUTFILE`,
`FROM INFILE`, a table attached from a path, Python's objects. A statement that names one is refused by its words.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from streams.stack.engine_query import EngineError
from streams.stack.engine_text import words
from streams.stack.private_files import write_private

_GRANTS: Final = (
    "GRANT SHOW, SELECT, INSERT, ALTER, DROP, TRUNCATE, OPTIMIZE ON *.*",
    "GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE ON *.*",
    "GRANT TABLE ENGINE ON MergeTree",
    "GRANT TABLE ENGINE ON Memory",
)
# Another dialect is not read by `check_statement`; the others name files that a format reads, or a table's disk.
_CONSTANT: Final = (
    "dialect",
    "merge_tree_disk",
    "merge_tree_storage_policy",
    "merge_tree_table_disk",
    "format_schema",
    "format_schema_source",
    "format_template_resultset",
    "format_template_row",
)
_USERS: Final = """<clickhouse>
  <profiles><default><constraints>{constants}</constraints></default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
    <grants>{grants}</grants>
  </default></users>
</clickhouse>
"""
_CONFIG: Final = "<clickhouse><users_config>{users}</users_config></clickhouse>\n"
_UUID: Final = re.compile(r"UUID '([0-9a-f-]{36})'")
# The later ones are checked by the grants, but only after they have opened a file or a connection.
_NAMES: Final = frozenset(
    {
        *(b"file", b"python", b"executable", b"executablepool", b"filelog", b"embeddedrocksdb"),
        *(b"bigquery", b"datalakecatalog"),
        *(b"sqlite", b"mysql", b"postgresql", b"mongodb", b"redis", b"odbc", b"jdbc"),
    }
)
# A disk made up in a statement is opened, be it a directory or an address, before the constraint on it is looked at.
_CALLED: Final = frozenset({b"disk"})
_PAIRS: Final = frozenset({(b"INTO", b"OUTFILE"), (b"FROM", b"INFILE")})
_UNICODE_QUOTES: Final = (b"\xe2\x80\x98", b"\xe2\x80\x99", b"\xe2\x80\x9c", b"\xe2\x80\x9d")


def write_configuration(directory: Path) -> Path:
    """Write the engine's users and grants into its data directory; returns the file that names them.

    Raises:
        OSError: the directory cannot be written.
    """
    users = directory.absolute() / "users.xml"
    config = directory.absolute() / "config.xml"
    constants = "".join(f"<{name}><const/></{name}>" for name in _CONSTANT)
    grants = "".join(f"<query>{grant}</query>" for grant in _GRANTS)
    write_private(users, _USERS.format(constants=constants, grants=grants))
    write_private(config, _CONFIG.format(users=escape(str(users))))
    return config


def forget_empty_default(store: Path) -> None:
    """Before the engine opens this path: take away the definition of `default` where it has no table.

    The engine cannot attach an empty database again, nor make one whose definition is still there.
    """
    definition = store / "metadata" / "default.sql"
    if definition.exists():
        found = _UUID.search(definition.read_text("utf-8", "replace"))
        if found is None or not any((store / "store" / found[1][:3] / found[1]).glob("*.sql")):
            definition.unlink()
    definition.with_suffix(".sql.tmp").unlink(missing_ok=True)


def replace_default_database(run: Callable[[str], object]) -> None:
    """Make `default` a plain database, kept over restarts; the engine's own also takes a file's name for a table."""
    run("DETACH DATABASE default")
    with suppress(RuntimeError):  # the first start on a data directory has none yet
        run("ATTACH DATABASE default")
    run("CREATE DATABASE IF NOT EXISTS default ENGINE = Atomic")


def check_statement(text: bytes, parameters: Mapping[str, str]) -> None:
    """Refuse a statement that reaches what the grants do not guard.

    Raises:
        EngineError: it names a file, a script or an object of the host process; code 497.
    """
    previous = previous_name = b""
    is_attach = False
    for word in words(text):
        name = _name(word)
        upper = word.upper()
        is_attach = is_attach or (upper == b"ATTACH" and previous in (b"", b";"))
        is_made = word == b"(" and previous_name in _CALLED
        if name in _NAMES or (previous, upper) in _PAIRS or is_made or _is_opaque(word):
            raise refused(word)
        if is_attach and previous == b"FROM" and word[:1] == b"'":
            raise refused(word)
        previous, previous_name = upper, name
    for value in _identifiers(parameters):
        if value.strip("`\"' ").lower().encode("utf-8", "surrogateescape") in _NAMES:
            raise refused(value.encode("utf-8", "surrogateescape"))


def refused(word: bytes) -> EngineError:
    """The engine's own way to say that something is not granted."""
    shown = word[:40].decode("utf-8", "replace")
    return EngineError(
        f"Code: 497. DB::Exception: default: Not enough privileges for {shown}: files, scripts and objects of the "
        "engine's process are closed to statements. (ACCESS_DENIED)"
    )


def _identifiers(parameters: Mapping[str, str]) -> Iterator[str]:
    return (
        value for name, value in parameters.items() if name.startswith("param_") and len(value) < len("executable") + 8
    )


def _name(word: bytes) -> bytes:
    return word[1:-1].lower() if word[:1] in (b"`", b'"') else word.lower()


def _is_opaque(word: bytes) -> bool:
    """Whether a word can mean another than it shows: a heredoc, typographic quotes, a name in escapes."""
    return word == b"$" or word in _UNICODE_QUOTES or (word[:1] in (b"`", b'"') and b"\\x" in word)
