"""The mirror that the user's Maven would use is the one that is asked."""

from pathlib import Path

import pytest

from stream.broker import BrokerError
from stream.broker.repositories import mirror_of_central, repositories

NAMESPACE = 'xmlns="http://maven.apache.org/SETTINGS/1.2.0"'


def settings(path: Path, *mirrors: tuple[str, str], attributes: str = "") -> Path:
    rows = "".join(f"<mirror><mirrorOf>{of}</mirrorOf><url>{url}</url></mirror>" for of, url in mirrors)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<settings {attributes}><mirrors>{rows}</mirrors></settings>", "utf-8")
    return path


@pytest.mark.parametrize("pattern", ["central", "*", "external:*", "snapshots, central", "*,!internal"])
def test_these_stand_for_central(tmp_path: Path, pattern: str) -> None:
    file = settings(tmp_path / "settings.xml", (pattern, "https://mirror.test/maven/"))
    assert mirror_of_central(file) == "https://mirror.test/maven"


@pytest.mark.parametrize("pattern", ["internal", "*,!central", "external:http:*", ""])
def test_these_do_not(tmp_path: Path, pattern: str) -> None:
    assert mirror_of_central(settings(tmp_path / "settings.xml", (pattern, "https://mirror.test"))) is None


def test_central_by_name_goes_before_everything(tmp_path: Path) -> None:
    file = settings(tmp_path / "settings.xml", ("*", "https://all.test"), ("central", "https://one.test"))
    assert mirror_of_central(file) == "https://one.test"


def test_namespace_and_environment_are_read_as_maven_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRROR_HOST", "named.test")
    file = settings(tmp_path / "settings.xml", ("*", "https://${env.MIRROR_HOST}/m"), attributes=NAMESPACE)
    assert mirror_of_central(file) == "https://named.test/m"


def test_without_settings_it_is_central_then_the_users_further_ones(tmp_path: Path) -> None:
    assert repositories("https://central.test", tmp_path, {"house": "https://house.test/"}) == {
        "central": "https://central.test",
        "house": "https://house.test",
    }


def test_settings_that_are_not_xml_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "settings.xml").write_text("<settings>", "utf-8")
    with pytest.raises(BrokerError, match=r"settings\.xml cannot be read"):
        mirror_of_central(tmp_path / "settings.xml")
