"""The calendar: which visits are due when, and the shifts in which they can be made."""

from territory.calendar.build import Calendar, visit_needs

__all__ = ["Calendar", "visit_needs"]
