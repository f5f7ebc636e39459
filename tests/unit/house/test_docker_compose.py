"""docker-compose.yml: valid by the Compose specification, and the same system as the embedded stack."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import chdb
import jsonschema
import yaml

from streams.core.settings import Settings
from streams.stack import broker

_ROOT = Path(__file__).parents[3]


def _compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((_ROOT / "docker-compose.yml").read_text("utf-8"))
    return document


def test_the_file_is_valid_by_the_compose_specification() -> None:
    # check-jsonschema brings a copy of the specification's schema; its own command line is not needed here.
    package = find_spec("check_jsonschema")
    assert package is not None
    assert package.submodule_search_locations
    schema = Path(package.submodule_search_locations[0]) / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(_compose(), json.loads(schema.read_text("utf-8")))


def test_broker_and_engine_have_the_embedded_stacks_versions() -> None:
    services = _compose()["services"]
    pinned = (_ROOT / "streams" / "stack" / "jars.lock").read_text("utf-8")
    kafka = services["kafka"]["image"].removeprefix("apache/kafka:")
    assert f"org.apache.kafka:kafka_2.13:{kafka} " in pinned
    engine = services["clickhouse"]["image"].removeprefix("clickhouse/clickhouse-server:")
    assert chdb.engine_version.startswith(f"{engine}.")


def test_the_brokers_limits_are_those_of_the_embedded_broker() -> None:
    embedded = dict(
        line.split("=", 1) for line in broker._PROPERTIES.splitlines() if "=" in line and not line.startswith("#")
    )
    embedded |= {"message.max.bytes": str(broker._RECORD_BYTES), "replica.fetch.max.bytes": str(broker._RECORD_BYTES)}
    composed = _compose()["services"]["kafka"]["environment"]
    shared = {
        name: str(composed[key])
        for name in embedded
        if (key := "KAFKA_" + name.replace(".", "_").upper()) in composed
        and name not in {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    }
    assert {"message.max.bytes", "replica.fetch.max.bytes", "auto.create.topics.enable"} <= shared.keys()
    assert shared == {name: embedded[name] for name in shared}


def test_every_variable_of_the_workers_is_a_setting() -> None:
    variables = _compose()["services"]["worker"]["environment"]
    known = {f"ZECTO_{name.upper()}" for name in Settings.model_fields}
    assert set(variables) <= known


def test_the_image_holds_every_package_that_the_project_installs() -> None:
    recipe = _compose()["x-app"]["build"]["dockerfile_inline"]
    assert all(f"COPY {package} {package}\n" in recipe for package in ("schemas", "streams", "sql"))
