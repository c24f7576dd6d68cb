"""Disks of a test: real ones, small, mounted where only their own processes see them."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

TMPFS = "mount -t tmpfs -o size=2m,mode=0700 tmpfs {folder}"
EXT4 = (
    "mkfs.ext4 -q {folder}.img && mount -o loop,errors=remount-ro {folder}.img {folder} && "
    "chmod 0700 {folder}"
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")


@dataclass
class SmallDisk:
    """A disk at `folder`, in a mount namespace that `holder` keeps open.

    through: starts a program that sees it
    """

    folder: Path
    holder: Process

    @property
    def through(self) -> tuple[str, ...]:
        return ("nsenter", f"--target={self.holder.pid}", "--mount", "--")

    @property
    def seen(self) -> Path:
        """The folder, as others may look at it."""
        return Path(f"/proc/{self.holder.pid}/root{self.folder}")

    def fill(self) -> None:
        """Leave not a byte."""
        ballast = os.open(self.seen / "ballast", os.O_CREAT | os.O_WRONLY)
        try:
            for size in (4096, 1):
                self._pour(ballast, size)
        finally:
            os.close(ballast)

    def _pour(self, ballast: int, size: int) -> None:
        try:
            while True:
                os.write(ballast, b"\0" * size)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def make_room(self) -> None:
        (self.seen / "ballast").unlink()

    async def mount_again(self, how: str) -> None:
        """`how`: "ro" or "rw"."""
        await self.does("mount", "-o", f"remount,{how}", str(self.folder))

    def break_down(self) -> None:
        """An error of its file system: the kernel makes it read-only for good."""
        device = self.seen.stat().st_dev
        name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
        Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("a test")

    async def does(self, *words: str) -> None:
        done = await asyncio.create_subprocess_exec(*self.through, *words)
        assert await done.wait() == 0


@asynccontextmanager
async def small_disk(folder: Path, kind: str = TMPFS) -> AsyncIterator[SmallDisk]:
    """A disk of 2 MiB (ext4: 8 MiB) at a folder that is made for it."""
    folder.mkdir()
    if kind == EXT4:
        with folder.with_name(f"{folder.name}.img").open("wb") as image:
            image.truncate(8 * 2**20)
    script = f"{kind.format(folder=folder)} && echo up && exec sleep 300"
    holder = await asyncio.create_subprocess_exec(
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", script), stdout=PIPE
    )
    assert holder.stdout is not None
    try:
        assert await holder.stdout.readline() == b"up\n"
        yield SmallDisk(folder, holder)
    finally:
        if holder.returncode is None:
            holder.kill()
        await holder.wait()
        shutil.rmtree(folder, ignore_errors=True)
