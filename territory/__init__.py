"""Nouns of the market, what they are worth, and the judge of every plan."""
