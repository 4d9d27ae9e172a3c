"""Routers: parse, one use case, answer."""
