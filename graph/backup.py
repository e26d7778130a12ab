"""A backup: the journal at one moment, the newest release that was made of it, and the sums of their files.

    DIR/manifest.json         what this is: version, time, release, and the length and SHA-256 of each file
    DIR/journal.sqlite        every submission, what became of it, and who may contribute (tokens as their SHA-256)
    DIR/releases/000007/      the newest release, so that a restore need not begin from the journal

The folder is laid out as a data folder, and appears at once and whole.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from graph import sums
from graph.clock import Clock, utc_now
from graph.data_folder import LOCK, PATIENCE, lock
from graph.errors import BackupDamaged, JournalDamaged, ReleaseDamaged, TriviumError
from graph.journal import Journal
from graph.manifest import Manifest, Origin
from graph.policy import Policy
from graph.progress import Progress, silently
from graph.publication import POLICY, Publisher
from graph.releases import Release, Releases
from graph.storage import appear, flush, room_in
from graph.store import Dataset
from graph.tables import JOURNAL

_log = logging.getLogger(__name__)
UNFINISHED: Final = "restore.unfinished"
RELEASES: Final = "releases"


def backup(data: Path, target: Path, journal_only: bool = False, clock: Clock = utc_now) -> Manifest:
    """Copy a data folder to a new folder, while everything runs; publishing waits while the journal is copied.

    Raises StorageFull, JournalDamaged and ReleaseDamaged, and TriviumError where there is nothing to copy or `target`
    is taken; then nothing is left at `target`.
    """
    if not (data / JOURNAL).exists():
        raise TriviumError(f"There is no journal in {data}: set TRIVIUM_DATA to the data folder.")
    if target.is_mount() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise TriviumError(f"{target} is there already: give the name of a new folder.")
    with room_in(target), _draft(target) as draft, ExitStack() as opened:
        with lock(data / LOCK, PATIENCE), Journal(data) as journal:
            newest = Releases(data).newest()
            journal.check_reaches(newest.journal if newest else 0)
            journal.copy(draft / JOURNAL)
            held = _Held(newest, opened) if newest and not journal_only else None
        _check_journal(draft)
        if held:
            held.copy(draft)
        manifest = Manifest.of(draft, newest, clock())
        manifest.write(draft)
        appear(draft, target)
    return manifest


def restore(
    source: Path, data: Path, policy: Policy = POLICY, progress: Progress = silently, clock: Clock = utc_now
) -> Release | None:
    """Put a backup into a data folder that has nothing yet; without its release, that is made anew from the journal.

    Returns the newest release, if there was one. Raises BackupDamaged, before anything is changed; StorageFull, after
    it is undone; and TriviumError if there is something in the data folder.
    """
    manifest = Manifest.read(source)
    _check(source, manifest)
    data.mkdir(parents=True, exist_ok=True)
    with room_in(data), lock(data / LOCK, 0.0):
        _check_free(data)
        _put(source, manifest, data)
    newest = Releases(data).newest()
    if newest or manifest.release is None:
        return newest
    return _rebuilt(manifest.release, data, policy, progress, clock)


def _rebuilt(before: Origin, data: Path, policy: Policy, progress: Progress, clock: Clock) -> Release:
    with Publisher.open(data, policy, PATIENCE, clock) as publisher:
        release = publisher.rebuild(before.as_of, progress)
    if release.digest != before.digest:
        _log.warning("The statements are not those of release %d: another version has made them.", before.number)
    return release


class _Held:
    """The files of a release, kept open: they can be read to the end, even if it is removed meanwhile."""

    def __init__(self, release: Release, opened: ExitStack) -> None:
        self.release = release
        release.check(whole=False)
        names = [*sums.read(release.path), sums.NAME]
        self.files = {name: opened.enter_context((release.path / name).open("rb")) for name in names}

    def copy(self, draft: Path) -> None:
        """Copy the files, durably. Raises ReleaseDamaged if they are not what they were."""
        folder = draft / RELEASES / self.release.path.name
        for name, file in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("wb") as copied:
                shutil.copyfileobj(file, copied, 1 << 20)
        faults = sums.faults(folder)
        if faults:
            raise ReleaseDamaged(
                f"Release {self.release.number} is damaged ({', '.join(faults)}): start the publisher, which mends it, "
                "or back up with --journal-only."
            )


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder beside `target` to make it in; whatever is not renamed in the end is removed."""
    draft = target.absolute().with_name(f"{target.absolute().name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check_journal(folder: Path) -> None:
    with Journal(folder) as journal:
        faults = journal.faults()
    if faults:
        raise JournalDamaged(f"The journal is damaged ({'; '.join(faults)}): keep the backup before this one.")


def _check(source: Path, manifest: Manifest) -> None:
    """Compare every file with its sum, and the statements with the digest. Raises BackupDamaged."""
    faults = [fault for content in manifest.files if (fault := content.fault(source))]
    if faults:
        raise BackupDamaged(f"The backup in {source} is damaged, and nothing was changed: {'; '.join(faults)}.")
    release = Releases(source).newest()
    if release and f"{Dataset.open(release.path / 'store').recomputed_fingerprint():064x}" != release.digest:
        raise BackupDamaged(f"The statements of release {release.number} in {source} are not those of its digest.")


def _check_free(data: Path) -> None:
    """Raises TriviumError unless there is nothing yet, or only what an ended restore left behind."""
    taken = [path.name for path in (*data.glob(f"{JOURNAL}*"), data / "store", data / RELEASES) if path.exists()]
    if taken and ((data / UNFINISHED).exists() and taken == [RELEASES]):
        shutil.rmtree(data / RELEASES)
    elif taken:
        raise TriviumError(
            f"{data} has {', '.join(taken)} already, and nothing was changed: set TRIVIUM_DATA to a new folder, or "
            "move that one away first."
        )


def _put(source: Path, manifest: Manifest, data: Path) -> None:
    """Copy the files beside their places, and then let them appear, the journal last."""
    draft = data / UNFINISHED
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for content in manifest.files:
            (draft / content.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / content.path, draft / content.path)
            flush(draft / content.path)
        if (draft / RELEASES).exists():
            appear(draft / RELEASES, data / RELEASES)
        appear(draft / JOURNAL, data / JOURNAL)
    except BaseException:
        shutil.rmtree(data / RELEASES, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
