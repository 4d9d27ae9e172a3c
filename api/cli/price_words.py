"""Prices as words of the command line."""

from territory.errors import Fault, InputError


def prices_of(words: list[str] | None) -> dict[str, float]:
    """The prices of words such as ``overtime=60``.

    Raises
    ------
    InputError
        If a word is not NAME=NUMBER; every fault at once.
    """
    prices: dict[str, float] = {}
    faults = []
    for word in words or ():
        name, _, amount = word.partition("=")
        try:
            prices[name.strip()] = float(amount)
        except ValueError:
            faults.append(Fault(column="price", value=word, expected="NAME=NUMBER"))
    if faults:
        raise InputError("Prices are given as NAME=NUMBER.", faults, fix="Say overtime=60.")
    return prices
