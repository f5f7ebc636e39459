"""`python -m streams`: the same as `zecto-sla`."""

from streams.cli import main

if __name__ == "__main__":
    main()
