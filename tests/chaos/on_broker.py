"""Faults of the broker: killed and started again, or stopped for longer than a session and woken."""

import signal
import time
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.kafka.connection import client_config
from tests.chaos.crew import SIGKILL, is_stopped
from tests.chaos.scene import NotFiredError, Scene
from tests.chaos.waiting import until

KILLED: Final = "broker killed"
STOPPED: Final = "broker stopped, woken"
ANY_TIME: Final = "any time"


def kill(scene: Scene) -> None:
    """SIGKILL under load, then started again on its log."""
    time.sleep(scene.chance.uniform(0.5, 2.5))
    process = scene.stack.broker.part.process
    process.kill()
    code = process.wait()
    assert code == SIGKILL, f"the broker ended with {code}"
    silence = _silence(scene)
    time.sleep(scene.chance.uniform(0.0, 2.0))
    scene.stack.restart_broker()
    scene.prove(KILLED, ANY_TIME, f"exit code {code}; asked then: {silence}")


def stop(scene: Scene) -> None:
    """SIGSTOP for longer than the workers' session, then SIGCONT."""
    time.sleep(scene.chance.uniform(0.5, 2.5))
    process, seconds = scene.stack.broker.part.process, scene.chance.uniform(6.5, 9.0)
    process.send_signal(signal.SIGSTOP)
    until(lambda: is_stopped(process.pid), within_s=30, named="the broker's stop")
    silence = _silence(scene)
    time.sleep(seconds)
    assert is_stopped(process.pid), "the broker went on by itself"
    process.send_signal(signal.SIGCONT)
    scene.prove(STOPPED, ANY_TIME, f"state T for {seconds:.1f} s; asked then: {silence}")


def _silence(scene: Scene) -> str:
    """How a question to the broker fails."""
    admin = AdminClient({**client_config(scene.settings), "log_level": 0})
    try:
        admin.list_topics(timeout=1)
    except KafkaException as error:
        return str(error.args[0].name())
    raise NotFiredError("the broker still answers")
