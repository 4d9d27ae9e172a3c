"""``python -m api.cli`` is ``fieldwright``."""

from api.cli import main

if __name__ == "__main__":
    main()
