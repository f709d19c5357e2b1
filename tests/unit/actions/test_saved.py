"""Templates and remembered requests, in files and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.actions.saved import SavedRequests, Template, name_problem, read_file
from console.errors import ConsoleError


@pytest.fixture(params=["files", "memory"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> SavedRequests:
    return SavedRequests(tmp_path / "requests") if request.param == "files" else SavedRequests()


SOFT = Template("Nightly reset", "1.6", "Reset", {"type": "Soft"})


def test_a_template_is_saved_listed_loaded_and_deleted(saved: SavedRequests) -> None:
    saved.save(SOFT)
    saved.save(Template("a", "2.0.1", "ClearCache", {}))
    saved.remember("1.6", "Reset", {"type": "Hard"})
    assert [one.name for one in saved.templates()] == ["a", "Nightly reset"]
    assert saved.template("Nightly reset") == SOFT
    saved.delete("a")
    assert saved.templates() == [SOFT]
    with pytest.raises(ConsoleError, match="There is no template a") as caught:
        saved.delete("a")
    assert caught.value.hint == "There are: Nightly reset."


def test_what_was_sent_last_is_remembered_by_action_and_version(saved: SavedRequests) -> None:
    assert saved.last("1.6", "Reset") is None
    saved.remember("1.6", "Reset", {"type": "Hard"})
    assert saved.last("1.6", "Reset") == {"type": "Hard"}
    assert saved.last("2.0.1", "Reset") is None


def test_secrets_are_left_out_of_files(tmp_path: Path) -> None:
    saved = SavedRequests(tmp_path)
    saved.save(Template("key", "1.6", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}))
    saved.remember("1.6", "GetLog", {"log": {"remoteLocation": "ftp://u:s3cret@host/"}})
    assert "s3cret" not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


def test_files_of_others_are_passed_over_and_a_renamed_one_is_found(tmp_path: Path) -> None:
    saved = SavedRequests(tmp_path)
    saved.save(SOFT)
    (tmp_path / "Nightly reset.json").rename(tmp_path / "weekly.json")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text(json.dumps([1]))
    assert [one.name for one in saved.templates()] == ["weekly"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 61, "a\nb", " a"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert name_problem(name)
    with pytest.raises(ConsoleError):
        SavedRequests(tmp_path).save(Template(name, "1.6", "Reset", {}))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConsoleError, match="cannot be written"):
        SavedRequests(tmp_path / "file" / "requests").save(SOFT)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "cannot be read: No such file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8 text"),
        (lambda path: path.write_bytes(b"x" * (2 << 20)), "is too large"),
    ],
)
def test_a_file_that_cannot_be_sent_is_told(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    make(tmp_path / "root.pem")
    with pytest.raises(ConsoleError, match=said):
        read_file(str(tmp_path / "root.pem"))
