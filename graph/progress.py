"""How far something that takes long has come: which step, how much of it is done, and how much there is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silently(step: str, done: int, total: int) -> None:
    """Show no progress."""
