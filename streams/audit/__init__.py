"""The auditor: the contract once more, plainly and slowly, from raw records to a month, sharing no code with the rest.

It reads what Kafka or a `dump` holds, byte by byte with its own reader (`json_text`, `instants`, `records`), decides
every minute by docs/reference/contract.md with integers and fractions, and compares. Of the rest of the project it
reads two kinds of data files, the code tables and the policies, and nothing else: import-linter holds that.

    reading, kafka      raw records of a dump or of a broker
    json_text, instants, records    one record's bytes: what it says, or that it cannot count
    gathering           the records of a month by identity, manifest, declaration, dead letter
    counting            which record counts, whose failure it is: counts of a service-minute
    blindness, windows  what is not known, what is excused
    verdicts, month     the state of every minute, the month
    comparing           where two months part
"""
