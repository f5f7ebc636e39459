"""What is worth waiting for, and what is not."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from streams.clickhouse.store import is_transient
from streams.core.errors import ZectoError


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("Error executing HTTP request"),
        ConnectionRefusedError(),
        DatabaseError("a proxy's 502"),
        DatabaseError("MEMORY_LIMIT_EXCEEDED", code=241),
        DatabaseError("Too many parts (300). Merges are slower than inserts", code=252),
    ],
)
def test_an_absence_and_an_overload_pass(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("UNKNOWN_TABLE", code=60),
        DatabaseError("Too many partitions for single INSERT block (more than 100)", code=252),
        ZectoError("the broker refuses"),
        ValueError("a fault of ours"),
    ],
)
def test_a_refusal_and_a_fault_of_ours_do_not(error: Exception) -> None:
    assert not is_transient(error)
