"""pip: how it is called, how far it is, and what its failures mean to an artist. Standard library only.

pip and not uv: every Python brings it, studios have set it up already (pip.conf, PIP_* variables), and it downloads with
byte counts that a program can read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .installer_place import CACHE, TEMPORARY
from .python_finder import child_environment
from .runtime.errors import GantlitzError

RAW_PROGRESS = (24, 1)  # the first pip that counts bytes for programs
# Where a package would go, if not into our environment.
_STRAY = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_PYTHON", "PIP_NO_CACHE_DIR")
LINES_KEPT = 400


@dataclass(frozen=True)
class Sources:
    """Where packages come from. index_url: empty for PyPI, or what pip is set up for; wheel_folder: nothing but this folder.

    proxy and certificate (a file): empty for what the environment says.
    """

    index_url: str = ""
    wheel_folder: str = ""
    proxy: str = ""
    certificate: str = ""


def environment(folder: Path, sources: Sources) -> dict[str, str]:
    """The environment in which pip works for a runtime in `folder`: its downloads and temporary files stay in there."""
    found = {key: value for key, value in child_environment().items() if key.upper() not in _STRAY}
    temporary = str(folder / TEMPORARY)
    found |= {"TMPDIR": temporary, "TEMP": temporary, "TMP": temporary, "PIP_CACHE_DIR": str(folder / CACHE / "pip")}
    found |= {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COLOR": "1"}
    found |= {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "PYTHONNOUSERSITE": "1"}
    found.setdefault("PIP_DEFAULT_TIMEOUT", "30")
    found.setdefault("PIP_RETRIES", "3")
    if found["PIP_RETRIES"] == "0":
        found["PIP_RETRIES"] = "1"  # pip tells why a connection failed only when it tries again
    if sources.proxy:
        found |= {name: sources.proxy for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")}
        found |= {"PIP_PROXY": sources.proxy}
    if sources.certificate:
        found |= {"PIP_CERT": sources.certificate, "REQUESTS_CA_BUNDLE": sources.certificate}
    if sources.wheel_folder:
        # That folder and no other, whatever pip has been set up for.
        found |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": sources.wheel_folder}
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
            found.pop(name, None)
    return found


def command(python: Path, version: tuple[int, int], what: tuple[str, ...], packages: tuple[str, ...]) -> list[str]:
    """The command line. version: pip's; what: the subcommand, e.g. install, and its options."""
    raw = ("--progress-bar", "raw") if version >= RAW_PROGRESS else ()
    return [str(python), "-m", "pip", what[0], "--only-binary", ":all:", *raw, *what[1:], *packages]


class Progress:
    """Reads pip's lines and says how far it is. expected: bytes to come, about; packages: how many, for a wheel folder."""

    def __init__(self, expected: float, packages: int):
        self._expected, self._packages = max(expected, 1.0), max(packages, 1)
        self._before, self._file, self._done, self._total = 0, "", 0, 0
        self._seen = 0
        self.text = ""
        self.lines: list[str] = []

    @property
    def fraction(self) -> float:
        """0 to 1: of the bytes where some are downloaded, else of the packages."""
        share = (self._before + self._done) / self._expected
        return min(1.0, share if self._before + self._done > 1e6 else max(share, self._seen / self._packages))

    def take(self, line: str) -> None:
        """A line that pip has said."""
        counted = re.fullmatch(r"\s*Progress (\d+) of (\d+)\s*", line)
        if counted:
            self._done, self._total = int(counted[1]), int(counted[2])
            if self._file and self._total:
                self.text = f"Downloading {self._file}: {self._done / 1e6:.0f} of {self._total / 1e6:.0f} MB"
            return
        self.lines = [*self.lines[1 - LINES_KEPT :], line]
        said = line.strip()
        if kept := re.match(r"(?:File was already downloaded|Saved) (\S+)", said):
            self.text = f"{package_of(kept[1])} is here"
        elif started := re.match(r"(Downloading|Using cached) (\S+)", said):
            self._next_file()
            self._file = package_of(started[2])
            self.text = f"Downloading {self._file}" if started[1] == "Downloading" else f"{self._file} is here already"
            if started[1] == "Using cached" and (size := re.search(r"\((\d+(?:\.\d+)?) (kB|MB|GB)\)", said)):
                self._before += int(float(size[1]) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}[size[2]])
        elif found := re.match(r"(?:Collecting|Processing|Requirement already satisfied:) (\S+)", said):
            self._seen += 1
            self.text = f"Looking for {package_of(found[1])}"
        elif said.startswith("Installing collected packages:"):
            self._next_file()
            names = said.partition(":")[2].split(",")
            self.text = f"Unpacking {names[0].strip()}" if len(names) == 1 else f"Unpacking {len(names)} packages"

    def _next_file(self) -> None:
        self._before += self._total
        self._done = self._total = 0


def package_of(name: str) -> str:
    """The package that a wheel's name, path, address or a requirement is about."""
    last = re.split(r"[/\\]", name)[-1]
    return re.split(r"-\d|[=<>;!~\[(]", last)[0] or name


def explain(lines: list[str], sources: Sources, folder: Path, python: str) -> GantlitzError:
    """What pip's failure means. lines: what it said; python: the version it ran on, e.g. 3.11."""
    said = "\n".join(lines)
    low = said.lower()
    if any(text in low for text in ("no space left", "errno 28", "not enough space", "disk quota", "winerror 112")):
        return GantlitzError(f"The disk of {folder} is full.", "Make room, then press Install again: it goes on.", "disk-full")
    if re.search(r"permission denied|access is denied|read-only file system", low):
        return GantlitzError(
            f"The folder {folder} cannot be written.", "Choose another folder for the runtime in the preferences.", "no-access"
        )
    if "proxyerror" in low or "cannot connect to proxy" in low or "tunnel connection failed" in low:
        return GantlitzError(
            f"The proxy {_without_password(_proxy(sources))} does not let the download through.",
            "Check Proxy in the add-on's preferences, or the environment variable HTTPS_PROXY; then press Install again.",
            "no-proxy",
        )
    if "certificate_verify_failed" in low or "sslerror" in low or "ca certificate bundle" in low or "tls ca" in low:
        return GantlitzError(
            f"The certificate of {_host(said)} is not trusted here, as behind a company's proxy.",
            "Choose your company's certificate file under Certificate in the add-on's preferences; then press Install again.",
            "no-certificate",
        )
    if re.search(r"newconnectionerror|failed to establish|name resolution|getaddrinfo|timed out|connection aborted|max retries|"
                 r"connection broken|incompleteread|remotedisconnected|connection reset|http error 5", low):  # fmt: skip
        return GantlitzError(
            f"{_host(said)} cannot be reached.",
            "Check the network, or set a proxy or a wheel folder in the preferences; then press Install again: it goes on.",
            "no-network",
        )
    if "do not match the hashes" in low or "badzipfile" in low or re.search(r"is invalid|is not a valid wheel|bad magic", low):
        named = re.findall(r"[\w.+-]+\.whl", said)
        where = f"in {sources.wheel_folder}" if sources.wheel_folder else "that came"
        fix = "Copy it there again; then press Repair." if sources.wheel_folder else "Press Repair: it downloads everything again."
        sentence = f"The file {named[-1]} {where} is damaged." if named else "A downloaded file is damaged."
        return GantlitzError(sentence, fix, "damaged")
    missing = re.search(r"No matching distribution found for (\S+)", said)
    if missing:
        if sources.wheel_folder:
            return GantlitzError(
                f"The wheel folder {sources.wheel_folder} holds no {missing[1]} for Python {python} on this system.",
                "Put that wheel there, as \"pip download\" gets it on a computer of this kind; then press Install again.",
                "no-package",
            )
        return GantlitzError(
            f"The index {_without_password(sources.index_url) or 'of packages'} has no {missing[1]} for Python {python} on this "
            "system.",
            "Empty Index in the add-on's preferences, or name one that has it.",
            "no-package",
        )
    errors = [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"]
    return GantlitzError(
        f"The packages could not be installed: {errors[-1].strip()[:300]}.", f"Look into {folder / 'install.log'}.", "pip"
    )


def _proxy(sources: Sources) -> str:
    return sources.proxy or os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or "of this computer"


def _host(said: str) -> str:
    named = re.search(r"host='([^']+)'|https?://([^/\s'\"]+)", said)
    return (named[1] or named[2].rpartition("@")[2]) if named else "The index of packages"


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return address.replace(f"{parts.netloc}", parts.netloc.rpartition("@")[2]) if parts.netloc else address
