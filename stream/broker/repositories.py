"""Which Maven repositories does this user want asked?

jgo on its own asks Maven Central, whatever the user's Maven is told. So the two places where people write
a mirror down are read here: Maven's ``~/.m2/settings.xml`` and jgo's own configuration file. Credentials
are taken from ``~/.netrc`` and proxies from ``HTTPS_PROXY``, by the HTTP client that jgo uses.
"""

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from stream.broker.errors import BrokerError

CENTRAL = "central"
EVERYTHING = ("*", "external:*")


def repositories(central: str, home: Path, extra: dict[str, str]) -> dict[str, str]:
    """Name and URL of each repository, in the order in which they are to be asked.

    ``central`` is the URL to use unless the user's Maven settings below ``home`` name a mirror of it.
    """
    mirror = mirror_of_central(home / ".m2" / "settings.xml")
    return {CENTRAL: mirror or central, **{name: url.rstrip("/") for name, url in extra.items()}}


def mirror_of_central(settings: Path) -> str | None:
    """The mirror that Maven would use: one that names central before one that stands for everything.

    None without a settings file or a mirror in it; BrokerError if the file is not XML.
    """
    if not settings.is_file():
        return None
    try:
        root = ET.parse(settings).getroot()  # noqa: S314 - the user's own file, which their Maven reads too
    except ET.ParseError as error:
        raise BrokerError(f"{settings} cannot be read ({error}); correct it or move it away") from error
    found = [
        (_text(mirror, "mirrorOf"), _text(mirror, "url")) for mirror in root.iterfind("{*}mirrors/{*}mirror")
    ]
    found = [(pattern, url) for pattern, url in found if url and _covers_central(pattern)]
    found.sort(key=lambda mirror: mirror[0] != CENTRAL)
    return found[0][1].rstrip("/") if found else None


def _text(mirror: ET.Element, tag: str) -> str:
    raw = (mirror.findtext(f"{{*}}{tag}") or "").strip()
    return re.sub(r"\$\{env\.([^}]+)\}", lambda name: os.environ.get(name[1], ""), raw)


def _covers_central(pattern: str) -> bool:
    parts = [part.strip() for part in pattern.split(",")]
    return f"!{CENTRAL}" not in parts and any(part in (CENTRAL, *EVERYTHING) for part in parts)
