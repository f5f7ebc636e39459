"""The data files that come with the program, before anything is done that depends on them."""

from schemas.reference import code_tables, policies, topics
from streams.core.errors import Code, ZectoError


def check_data_files() -> None:
    """See that topics, code tables and policies can be used; they are read once and kept.

    Raises:
        ZectoError: one cannot; names the file, and the line or key.
    """
    try:
        topics()
        code_tables()
        policies()
    except ValueError as error:
        raise ZectoError(f"{error}", code=Code.DATA_FILE_UNUSABLE) from error
