"""Judging months: what is stored is read, judged by the rules, and stored again for whoever asks.

`judge_month` judges anew. Whoever may be served what a worker has judged asks `streams.judge.stored`. Nothing here
decides anything: `streams.rules.month` does.
"""

from streams.judge.judged_month import JudgedMonth, judge_month

__all__ = ["JudgedMonth", "judge_month"]
