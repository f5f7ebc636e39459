#!/bin/sh
# Babel 2.17.0 beside iso4217 1.14.20250512, the published list of ISO 4217.
#
# Expected: get_currency_precision, "the number of decimals", is the exponent of ISO 4217's minor unit, by which invoices
# and banks count: three decimals for the Iraqi dinar, two for the Lao kip.
# Seen: it is 0 for 13 currencies that have minor units, since CLDR tells how many digits are usually shown. Whoever
# rounds an amount by it takes whole units where a hundredth or thousandth is due.
# What we do: round by ISO 4217 only; nothing here asks CLDR for digits.
#
# Exits 0 when it sees exactly this, 1 otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check Babel==2.17.0 iso4217==1.14.20250512
"$work/venv/bin/python" - <<'PROGRAM'
import sys

import babel
import iso4217
from babel.numbers import get_currency_precision

EXPECTED = "AFN ALL IQD IRR KPW LAK LBP MGA MMK RSD SOS SYP YER".split()

fewer = []
for currency in iso4217.Currency:
    if currency.exponent is None:
        continue
    shown = get_currency_precision(currency.code)
    if shown != currency.exponent:
        fewer.append(currency.code)
        print(f"{currency.code}: {shown} decimals by Babel, {currency.exponent} by ISO 4217")
print("Babel", babel.__version__, "iso4217", iso4217.__version__)
sys.exit(sorted(fewer) != EXPECTED)
PROGRAM
