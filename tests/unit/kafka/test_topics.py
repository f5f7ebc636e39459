"""Topics that cannot work are refused in one line that says what to do (B5)."""

import pytest

from schemas.reference import topics
from streams.core.errors import ZectoError
from streams.kafka.topics import larger_than_wanted, refuse_unfit, topic_config


def _fit() -> dict[str, dict[str, str]]:
    return {topic.name: topic_config(topic) for topic in topics()}


def test_topics_as_they_are_created_are_fit() -> None:
    refuse_unfit(topics(), _fit())
    for topic in topics():
        assert topic_config(topic)["message.timestamp.type"] == "LogAppendTime"


def test_dead_letters_take_what_the_inputs_take() -> None:
    sizes = {topic.name: topic.max_bytes for topic in topics()}
    assert sizes["sla.dead-letters"] > sizes["api.requests"] + 65_536


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("message.timestamp.type", "CreateTime", "set it to LogAppendTime"),
        ("cleanup.policy", "compact", "set it to delete"),
        ("max.message.bytes", "1000", "set it to 2097152"),
    ],
)
def test_b5_an_unfit_topic_is_named_with_what_to_do(setting: str, value: str, words: str) -> None:
    configs = _fit()
    configs["probes"][setting] = value
    with pytest.raises(ZectoError, match=words) as refused:
        refuse_unfit(topics(), configs)
    assert "probes" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_topics_are_named_with_the_command_that_makes_them() -> None:
    configs = _fit()
    del configs["probes"], configs["accounts"]
    with pytest.raises(ZectoError, match=r"no topic probes, accounts; run zecto-sla migrate"):
        refuse_unfit(topics(), configs)


def test_a_topic_that_takes_larger_batches_is_named() -> None:
    configs = _fit()
    assert larger_than_wanted(configs) == {}
    configs["probes"]["max.message.bytes"] = "2097153"
    assert larger_than_wanted(configs) == {"probes": 2_097_153}
