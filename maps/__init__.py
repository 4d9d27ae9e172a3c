"""Pictures: a plan in, one self-contained page out."""
