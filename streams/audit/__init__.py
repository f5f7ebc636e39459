"""The auditor: the contract once more, plainly and slowly, from raw records to a month, sharing no code with the rest.

It reads what Kafka or a `dump` holds, byte by byte with its own reader (`json_text`, `instants`, `records`), decides
every minute by docs/reference/contract.md with integers and fractions, and compares. Of the rest of the project it
reads two kinds of data files, the code tables and the policies, and nothing else: import-linter holds that.

    reading, kafka              raw records of a dump or of a broker
    json_text, instants, fields, records, ids    one record's bytes: what it says, or that it cannot count
    lenient                     what of a record that cannot count is readable (B3)
    codes                       whose failure a record tells of (C2-C4)
    collecting, kept            all records by identity, manifest, declaration, dead letter (I1)
    choosing, counting          which record counts (I2-I4), and what is `known` of each service-minute by that
    judging                     from what is known to the verdict of each minute, by
        missing, silences, gaps     what is not known (B1-B3)
        windows                     what is excused, and why not (X1-X3)
        settling, failing           counts as the rules read them, and when a minute fails (C3, C7, V1)
        verdicts                    states and bounds (V2, V3, B4)
    platform, figures, observing, listing, accounts, month    the month (V5, M1, M2, X4)
    differing, comparing        where two months part
    claimed, explaining, recomputing    an evidence file, minute by minute
"""
