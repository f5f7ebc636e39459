"""What a month was judged from, as the rules read it: to ask them once more of single minutes."""

from streams.judge import JudgedMonth
from streams.rules.month.policy import month_policy
from streams.rules.month.reading import SpanContext


def context_of(judged: JudgedMonth) -> SpanContext:
    """The inputs of a judged month with the numbers of its policy."""
    return SpanContext(inputs=judged.inputs, policy=month_policy(judged.choice.policy))
