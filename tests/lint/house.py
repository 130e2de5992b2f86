"""The files of the project and their texts, as the rules see them."""

import dataclasses
import os
import pathlib
import subprocess

SOURCE_ENDINGS = (".h", ".cc")
TEXT_ENDINGS = SOURCE_ENDINGS + (".py", ".sh", ".cmake", ".md", ".proto", ".yml", ".yaml")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class House:
    """Texts by path from the root, with '/' between folders."""

    def __init__(self, texts):
        self.texts = dict(sorted(texts.items()))
        self.paths = set(self.texts)

    def sources(self, *folders):
        """C++ files, of `folders` and what is below them if any are named."""
        for path, text in self.texts.items():
            if path.endswith(SOURCE_ENDINGS) and (not folders or path.startswith(tuple(f + "/" for f in folders))):
                yield path, text

    def folder_exists(self, folder):
        return folder in ("", ".") or any(path.startswith(folder + "/") for path in self.paths)


def read_house(root):
    return House({path: read_text(root, path) for path in list_files(root)})


def list_files(root):
    """Tracked files and new ones that git does not ignore; without git, all that is neither hidden nor built."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=False
    ) if (pathlib.Path(root) / ".git").exists() else None
    if listed is not None and listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return sorted({name for name in names if name and (pathlib.Path(root) / name).is_file()})
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in ("build", "__pycache__") and (not name.startswith(".") or name == ".ci")]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def read_text(root, path):
    """The text of a file of ours; of data only that it is there."""
    file = pathlib.Path(root) / path
    if is_text(path) or pathlib.PurePosixPath(path).suffix == "":
        return file.read_text(encoding="utf-8", errors="replace")
    return ""


def is_text(path):
    return path.endswith(TEXT_ENDINGS) or pathlib.PurePosixPath(path).name == "CMakeLists.txt"


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
