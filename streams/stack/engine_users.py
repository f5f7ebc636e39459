"""The engine's users, grants and constants: its own configuration, which no statement, setting or parameter lifts.

The grants leave databases, tables and views; they leave out files, addresses, other engines, scripts, backups, users
and `SYSTEM`. The constants are settings by which a statement would reach past its own words.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from streams.stack.private_files import write_private

_GRANTS: Final = (
    "GRANT SHOW, SELECT, INSERT, ALTER, DROP, TRUNCATE, OPTIMIZE ON *.*",
    "GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE ON *.*",
    "GRANT TABLE ENGINE ON MergeTree",
    "GRANT TABLE ENGINE ON Memory",
)
# By what they would do.
_CONSTANT: Final = (
    # read statements by another grammar than `check_statement` does
    *("dialect", "polyglot_dialect"),
    # hold expressions or whole queries, which it does not see
    *("additional_table_filters", "additional_result_filter", "parallel_replicas_custom_key"),
    *("select", "order", "sort", "filter", "ast_fuzzer_runs", "ast_fuzzer_any_query"),
    # name a table's disk, or files that formats read and write
    *("merge_tree_disk", "merge_tree_storage_policy", "merge_tree_table_disk"),
    *("format_schema", "format_schema_source", "format_template_resultset", "format_template_row"),
    *("output_format_schema", "input_format_record_errors_file_path", "into_outfile_create_parent_directories"),
    # name addresses
    *("format_avro_schema_registry_url", "cluster_for_parallel_replicas", "url_base", "s3_base"),
    *("ai_function_text_default_credentials", "ai_function_embedding_default_credentials"),
    # fill the log of the engine's process
    "send_logs_level",
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


def users_file(directory: Path) -> Path:
    """The file that holds them in a data directory."""
    return directory.absolute() / "users.xml"


def write_configuration(directory: Path) -> Path:
    """Write the engine's users and grants into its data directory; returns the file that names them.

    Raises:
        OSError: the directory cannot be written.
    """
    users = users_file(directory)
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
