"""A small disk of our own that can be filled: a full one answers ENOSPC, as any other does."""

import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

STEP = 4096  # bytes; a page


def may_mount() -> bool:
    """Whether this process may make one: as root. CI is, so there nothing is passed over."""
    return os.geteuid() == 0 or bool(os.environ.get("CI"))


class SmallDisk:
    """A file system of `size` bytes (tmpfs), mounted while the context lasts."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.folder = Path(tempfile.mkdtemp(prefix="mingcha-disk-"))
        self._filler = self.folder / "filler"

    def __enter__(self) -> "SmallDisk":
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={self.size},mode=755", "tmpfs", str(self.folder)],
            check=True,
        )
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
        self.folder.rmdir()

    def left(self) -> int:
        """Bytes that are still free."""
        return shutil.disk_usage(self.folder).free

    def fill(self, leave: int = 0) -> None:
        """Take all room but `leave` bytes."""
        with self._filler.open("ab", buffering=0) as file:
            while (room := self.left() - leave) >= STEP:
                try:
                    file.write(bytes(min(room, 2**20)))
                except OSError as error:
                    if error.errno == errno.ENOSPC:  # somebody else took the last of it
                        return
                    raise

    def room(self) -> None:
        """Somebody tidied up."""
        self._filler.unlink(missing_ok=True)
