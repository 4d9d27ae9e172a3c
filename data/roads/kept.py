"""Keeps arrays on disk whole or not at all: checksummed files behind one small pointer file.

``NAME.about.json`` names the folder ``NAME-xxxxxxxx`` beside it and the size and checksum of every
file in there. The folder is filled first and the pointer then swapped in one step, so that readers
see the old content or the new, two writers cannot mix theirs, and what a dying writer leaves is
never looked at.
"""

import errno
import io
import json
import mmap
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from territory.errors import Fault, Infeasible, InputError, NotFound

LEFTOVER_SECONDS = 3600.0
"""A folder no pointer names is taken for a dead writer's after this long."""

ATTEMPTS = 1000
"""A reader that loses a race against a writer looks again. Content that is damaged is known by its
pointer, which stays; so many races in a row are lost to no real writers."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


Taken = TypeVar("Taken")


class Draft:
    """A folder being filled; sizes and checksums are taken as the bytes pass."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, tuple[int, int]] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """A new file of that name, to be written from its beginning to its end."""
        with (self.folder / name).open("xb") as stream:
            summed = _Summed(stream)
            yield cast(IO[bytes], summed)
        self.files[name] = (summed.size, summed.crc)

    def array(self, name: str, values: NDArray[Any]) -> None:
        """Write ``NAME.npy``."""
        with self.file(f"{name}.npy") as stream:
            plain = np.ascontiguousarray(values)
            np.lib.format.write_array(stream, plain, version=(1, 0), allow_pickle=False)


class _Summed(io.RawIOBase):
    """Passes bytes on to a file and sums them up."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.size = self.crc = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data).cast("B")
        self.stream.write(view)
        self.size += len(view)
        self.crc = zlib.crc32(view, self.crc)
        return len(view)

    def tell(self) -> int:
        return self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept under one name: the facts written with it, and its files."""

    facts: Mapping[str, Any]
    folder: Path
    files: Mapping[str, tuple[int, int]]

    def content(self, name: str, *, writable: bool = False) -> mmap.mmap:
        """A whole file as mapped memory, its checksum proven.

        ``writable`` memory is a private copy of the pages written to; the file never changes.

        Raises
        ------
        ValueError
            If the file is not as it was written.
        FileNotFoundError
            If it is gone.
        """
        size, crc = self.files[name]
        with (self.folder / name).open("rb") as stream:
            if os.fstat(stream.fileno()).st_size != size:
                raise ValueError(f"{name} has not its {size:,} bytes")
            access = mmap.ACCESS_COPY if writable else mmap.ACCESS_READ
            content = mmap.mmap(stream.fileno(), 0, access=access)
        if zlib.crc32(content) != crc:
            raise ValueError(f"{name} has another checksum than when it was written")
        return content

    def array(self, name: str, *, writable: bool = False) -> NDArray[Any]:
        """The array of ``NAME.npy``, backed by mapped memory."""
        content = self.content(f"{name}.npy", writable=writable)
        head = io.BytesIO(content[: 1 << 16])
        if np.lib.format.read_magic(head) != (1, 0):
            raise ValueError(f"{name}.npy is of another format")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(head)
        if is_fortran or dtype.hasobject:
            raise ValueError(f"{name}.npy holds no plain array")
        count = int(np.prod(shape))
        return np.frombuffer(content, dtype=dtype, count=count, offset=head.tell()).reshape(shape)


def keep(
    folder: Path, name: str, *, facts: Mapping[str, Any], fill: Callable[[Draft], None]
) -> Path:
    """Write what ``fill`` puts into a draft under ``name``, in place of what was there.

    Returns the pointer file. On any failure the old content stays and nothing new does.

    Raises
    ------
    Infeasible
        If the disk is full.
    """
    token = secrets.token_hex(4)
    draft = Draft(folder / f"{name}-{token}")
    fresh = folder / f"{name}-{token}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.folder.mkdir()
        fill(draft)
        said = {"folder": draft.folder.name, "files": draft.files, "facts": dict(facts)}
        fresh.write_text(json.dumps(said), encoding="utf-8")
        before = _named_folder(folder, name)
        fresh.replace(pointer(folder, name))
    except BaseException as error:
        shutil.rmtree(draft.folder, ignore_errors=True)
        fresh.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise _disk_full(folder, draft) from error
        raise
    _sweep(folder, name, before=before, kept=draft.folder.name)
    return pointer(folder, name)


def _disk_full(folder: Path, draft: Draft) -> Infeasible:
    written = sum(size for size, _ in draft.files.values())
    free = shutil.disk_usage(folder).free
    return Infeasible(
        f"The disk of {folder.name!r} is full; nothing was written.",
        [
            f"{written / 1e6:,.1f} MB were written before it broke off; {free / 1e6:,.1f} MB are "
            "free now."
        ],
        fix="Free some space, or move the state folder (FIELDWRIGHT_VAR) to a larger disk.",
    )


def _sweep(folder: Path, name: str, *, before: str, kept: str) -> None:
    """Remove the folder the pointer named before, and any a dead writer left."""
    old = time.time() - LEFTOVER_SECONDS
    for found in folder.glob(f"{name}-*"):
        try:
            is_leftover = found.stat().st_mtime < old
        except FileNotFoundError:
            continue  # another writer swept it
        if found.name != kept and (found.name == before or is_leftover):
            shutil.rmtree(found, ignore_errors=True)


def read_kept(folder: Path, name: str, take: Callable[[Kept], Taken], *, what: str = "") -> Taken:
    """What ``take`` makes of the content kept under ``name``; errors call it ``what``.

    Raises
    ------
    NotFound
        If nothing is kept under that name.
    InputError
        If it is damaged or ``take`` refuses it (``ValueError``, ``KeyError``, ``TypeError``).
    """
    said = ""
    for _ in range(ATTEMPTS):
        try:
            kept = _open(folder, name, what or name)
            return take(kept)
        except FileNotFoundError as error:
            said = f"{Path(str(error.filename)).name} is missing"
            if _named_folder(folder, name) == kept.folder.name:
                break
        except (ValueError, KeyError, TypeError, OSError) as error:
            said = str(error)
            break
    fault = Fault(value=f"{name}.about.json", expected="as this version writes it")
    raise InputError(
        f"The kept {what or name} cannot be used: {said}.", [fault], fix="Build it again."
    )


def kept_names(folder: Path) -> tuple[str, ...]:
    """The names under which something is kept in a folder."""
    found = sorted(folder.glob("*.about.json"))
    return tuple(path.name.removesuffix(".about.json") for path in found)


def pointer(folder: Path, name: str) -> Path:
    """The file that says what is kept under a name; replaced whenever something else is."""
    return folder / f"{name}.about.json"


def _open(folder: Path, name: str, what: str) -> Kept:
    try:
        text = pointer(folder, name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"No {what} is kept in {folder.name!r}.", fix="Build it.") from error
    said = json.loads(text)
    files = {str(label): (int(size), int(crc)) for label, (size, crc) in said["files"].items()}
    inside = Path(str(said["folder"]))
    if len(inside.parts) != 1 or any(len(Path(label).parts) != 1 for label in files):
        raise ValueError("it names files elsewhere")
    return Kept(facts=said["facts"], folder=folder / inside, files=files)


def _named_folder(folder: Path, name: str) -> str:
    try:
        return str(json.loads(pointer(folder, name).read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # nothing, or nothing usable, was kept before
