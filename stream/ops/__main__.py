"""What is made of the catalogue, and is it fresh?  ``python -m stream.ops`` in the project's root writes it anew."""

from pathlib import Path

from stream.ops.made import made


def main() -> None:
    """Write every file that is made."""
    for name, text in made().items():
        Path(name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
