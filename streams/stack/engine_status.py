"""The HTTP status that ClickHouse answers an error with."""

from http import HTTPStatus
from typing import Final

from streams.stack.engine_query import EngineError

_NOT_FOUND: Final = {"UNKNOWN_TABLE", "UNKNOWN_FUNCTION", "UNKNOWN_IDENTIFIER", "UNKNOWN_TYPE", "UNKNOWN_STORAGE",
              "UNKNOWN_DATABASE", "UNKNOWN_SETTING", "UNKNOWN_FORMAT", "UNKNOWN_AGGREGATE_FUNCTION",
              "UNKNOWN_DATABASE_ENGINE", "UNKNOWN_DIRECTION_OF_SORTING", "UNKNOWN_TYPE_OF_QUERY"}  # fmt: skip
_BAD_REQUEST: Final = {"SYNTAX_ERROR", "BAD_ARGUMENTS", "TYPE_MISMATCH", "INCORRECT_DATA", "CANNOT_COMPILE_REGEXP",
                "UNKNOWN_ELEMENT_IN_AST", "TOO_DEEP_AST", "TOO_BIG_AST", "UNEXPECTED_AST_STRUCTURE",
                "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", "ILLEGAL_TYPE_OF_ARGUMENT"}  # fmt: skip


def status_of(error: EngineError) -> HTTPStatus:
    """By the error's name: 404 for what does not exist, 400 for what cannot be read, 403 for a wrong password."""
    name = error.text.rpartition("(version ")[0] or error.text
    name = name.rstrip().rpartition("(")[2].rstrip(").")
    if name in _NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    if name in _BAD_REQUEST or name.startswith("CANNOT_PARSE_"):
        return HTTPStatus.BAD_REQUEST
    if name == "AUTHENTICATION_FAILED":
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.NOT_IMPLEMENTED if name == "NOT_IMPLEMENTED" else HTTPStatus.INTERNAL_SERVER_ERROR
