"""What can be wrong with settings?  All of it at once, a line each, with where it stands."""

from collections.abc import Iterable


class MistakenSettingsError(Exception):
    """Settings that cannot be used; ``lines`` are for the user, and none of them shows a secret."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))
