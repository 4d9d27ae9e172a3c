"""Decisions: redraw jurisdictions, plan visits, place outlets. Values in, a Result out."""
