"""The monthly report of an enterprise account (§6.2): one model, gathered once, drawn as HTML, PDF and XLSX.

    statement, or the month so far ─┐
    performance days, tickets ──────┼─► gathering ─► Report ─┬─► html ─► pdf
    accounts, claims, decisions ────┘                        └─► xlsx

Whatever is drawn knows the model only: no clock, no database, no float for a minute or an amount.
"""
