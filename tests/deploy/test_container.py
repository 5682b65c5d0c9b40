"""The container image is built for real and answers a question without a network."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT
from tests.deploy.test_deploy import DEPLOY, needs

pytestmark = pytest.mark.timeout(900)  # the base image, the build and the container's start one after another
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
BASE = [
    "--quiet",
    "--variant=essential",
    "--include=usr-is-merged,python3,python3-venv",
    *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")),
    '--customize-hook=chroot "$1" dpkg --purge usrmerge perl perl-modules-5.36 libperl5.36 libfile-find-rule-perl'
    " libnumber-compare-perl libtext-glob-perl",
    "bookworm",
]
"""Arguments of mmdebstrap for an image like python:3.11-slim-bookworm, which no registry has to answer for."""


class Buildah:
    """Buildah over a store of its own. It runs what it builds in a chroot, which works without a container runtime."""

    def __init__(self, store: Path) -> None:
        self.command = [needs("buildah"), "--root", f"{store}/root", "--runroot", f"{store}/run"]
        self.store = store

    def __call__(self, *arguments: str | Path, seconds: float = 60) -> str:
        """Run a command and return what it prints."""
        ran = subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=seconds)
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        return ran.stdout.strip()

    def load(self, archive: Path, name: str) -> None:
        """Make an image of an archive of a file system."""
        container = self("from", "scratch")
        self("add", "--quiet", container, archive, "/")
        self("commit", "--quiet", "--rm", container, name)

    def close(self) -> None:
        self("rm", "--all")
        self("rmi", "--all", "--force")
        shutil.rmtree(self.store, ignore_errors=True)


def debian(cache: pytest.Cache) -> Path:
    """Return the archive of the base image, made once for this checkout."""
    name = f"base-{hashlib.sha256(repr(BASE).encode()).hexdigest()[:12]}.tar"
    archive = cache.mkdir("container") / name
    if not archive.exists():
        part = archive.with_name(f"part-{os.getpid()}.tar")
        ran = subprocess.run([needs("mmdebstrap"), *BASE, part], capture_output=True, text=True, timeout=300)
        if ran.returncode:
            part.unlink(missing_ok=True)
            pytest.skip(f"no base image can be made here: {ran.stderr[-500:]}")
        for old in archive.parent.glob("base-*.tar"):
            old.unlink()
        part.rename(archive)
    return archive


def ways_to_the_index() -> Sequence[str]:
    """Return options that hand to the build how this machine reaches a package index, as far as that is set."""
    names = re.findall(r"^ARG (?!BASE)(\w+)$", CONTAINERFILE, re.MULTILINE)
    options = [f"--build-arg={name}={os.environ[name]}" for name in names if name in os.environ]
    files = {os.environ[name] for name in ("SSL_CERT_FILE", "PIP_CERT") if name in os.environ}
    return [*options, *(f"--volume={file}:{file}:ro" for file in sorted(files))]


@pytest.fixture(scope="module")
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Buildah, str]]:
    """The image of deploy/Containerfile, built once for this module: Buildah with it, and its name."""
    needs("mmdebstrap")
    if os.geteuid() != 0:
        pytest.skip("building an image from Debian's packages takes root")
    buildah = Buildah(tmp_path_factory.mktemp("buildah"))
    assert request.config.cache is not None
    try:
        buildah.load(debian(request.config.cache), "localhost/base")
        base = "--build-arg=BASE=localhost/base"
        file = f"--file={DEPLOY / 'Containerfile'}"
        options = ("--isolation=chroot", "--quiet", "--tag=storekeeper", file, base, *ways_to_the_index())
        buildah("bud", *options, ROOT, seconds=300)
        yield buildah, "localhost/storekeeper"
    finally:
        buildah.close()


def test_the_image_answers_without_a_network(image: tuple[Buildah, str], tmp_path: Path):
    buildah, name = image
    config: dict[str, Any] = json.loads(buildah("inspect", "--type=image", name))["OCIv1"]["config"]
    container = buildah("from", name)
    asked = {"run": [*buildah.command, "run", "--isolation=chroot"], "container": container, "command": config["Cmd"]}

    ran = subprocess.run(
        [needs("unshare"), "--net", sys.executable, "-m", "tests.deploy.offline", json.dumps(asked), tmp_path],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout) == {"login": 303, "shown": "Hello world", "kept": "Hello world", "user": 10001}


def test_the_image_has_less_than_250_megabytes(image: tuple[Buildah, str]):
    buildah, name = image
    (listed,) = json.loads(buildah("images", "--json", name))
    size, unit = listed["size"].split()

    assert unit == "MB"
    assert 100 < float(size) < 250


def test_the_image_holds_no_address_of_an_index(image: tuple[Buildah, str]):
    buildah, name = image

    described = buildah("inspect", "--type=image", name)

    assert [one for one in ("INDEX_URL", "DEFAULT_INDEX", "CERT") if one in described] == []
