"""Does every file speak of the project alone, and every module of its question?"""

import re
from pathlib import Path

from tests.house.tree import ROOT, first_words, modules, text_files

OWN_ADDRESS = re.compile(
    r"(127\.0\.0\.1|localhost|0\.0\.0\.0|nowhere|HOST|kafka|prometheus)?([:/{$\"'`]|$)|\$?\{"
)
"""Hosts of this machine, of the network that docker-compose.yml makes, and those that stand for whatever is given."""

AGREED = ("json-schema.org", "maven.apache.org", "www.apache.org", "www.w3.org")
"""Names of formats and licences, which nothing is fetched from."""

MACHINE_PATH = re.compile(r"(?<![\w.)}*])/(home|root|work|tmp|Users)/")
CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "base"}


def test_no_file_names_a_foreign_host_or_a_place_on_somebodys_machine() -> None:
    found = {str(path): _out_of_place((ROOT / path).read_text("utf-8")) for path in text_files()}
    assert {path: words for path, words in found.items() if words} == {}
    assert len(found) > 100, "the files were not found"


def _out_of_place(text: str) -> list[str]:
    hosts = re.findall(r"[a-z]+://([^\s/\"'`<>)]*)", text)
    return [*(host for host in hosts if not _is_agreed(host)), *MACHINE_PATH.findall(text)]


def _is_agreed(host: str) -> bool:
    name = host.partition(":")[0]
    return bool(OWN_ADDRESS.match(host)) or name in AGREED or name.endswith((".test", ".example"))


def test_a_module_says_first_which_question_it_answers_or_which_command_it_is() -> None:
    every = [path for path in modules("stream", "topics") if path.name != "__init__.py"]
    assert [str(path) for path in every if not _says_what_it_is(path)] == []
    assert [str(path) for path in every if path.stem in CATCH_ALL] == []


def _says_what_it_is(module: Path) -> bool:
    words = first_words(module)
    return "?" in words or (module.parent.name == "cli" and words.startswith("`shopwatch "))


def test_a_room_says_what_it_is_for() -> None:
    rooms = [path for path in modules("stream", "topics") if path.name == "__init__.py"]
    assert [str(room) for room in rooms if len(first_words(room)) < 20] == []
