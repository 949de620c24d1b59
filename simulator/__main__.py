"""``python -m simulator`` is the same as ``sim``."""

from simulator.cli.app import main

if __name__ == "__main__":
    main()
