"""`python -m service.cli` is `trivium`."""

from service.cli import main

main()
