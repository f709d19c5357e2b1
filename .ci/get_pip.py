"""Put pip into this virtual environment, for a Python that comes without ensurepip (Debian's, for one).

The newest pip that this Python can run is taken from the package index as a wheel, checked against its SHA-256, and
told to install itself. The index is pip's own: PIP_INDEX_URL, else index-url in pip's configuration, else PyPI.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import ssl
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urldefrag, urljoin
from urllib.request import Request, urlopen

PYPI = "https://pypi.org/simple"
WHEEL = re.compile(r"/pip-(\d+(?:\.\d+)*)-py3-none-any\.whl$")


class Wheels(HTMLParser):
    """The final releases of pip on an index page that are not withdrawn and run on this Python."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[tuple[tuple[int, ...], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        url = urljoin(self.page, held.get("href") or "")
        match = WHEEL.search(urldefrag(url).url)
        needs = re.search(r">=\s*3\.(\d+)", held.get("data-requires-python") or "")
        fits = needs is None or int(needs[1]) <= sys.version_info.minor
        if tag == "a" and match and fits and "data-yanked" not in held:
            self.found.append((tuple(int(part) for part in match[1].split(".")), url))


def configured(name: str) -> str | None:
    """What pip is configured with: its environment variable first, then its files, the user's before the machine's."""
    if value := os.environ.get(f"PIP_{name.upper().replace('-', '_')}"):
        return value
    home = Path.home()
    files = ["/etc/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    config = configparser.ConfigParser(interpolation=None)
    config.read([*files, os.environ.get("PIP_CONFIG_FILE", "")])
    return config.get("global", name, fallback=None)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def fetch(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is no address on the web")
    request = Request(url, headers={"Accept": "text/html, */*;q=0.1", "User-Agent": "ocpp-console-setup"})  # noqa: S310
    context = ssl.create_default_context(cafile=configured("cert"))
    with urlopen(request, timeout=60, context=context) as response:  # noqa: S310
        return bytes(response.read())


def newest(index: str) -> str:
    page = f"{index.rstrip('/')}/pip/"
    wheels = Wheels(page)
    wheels.feed(fetch(page).decode())
    if not wheels.found:
        raise ValueError(f"{page} lists no pip for this Python")
    return max(wheels.found)[1]


def download(url: str) -> bytes:
    address, fragment = urldefrag(url)
    wheel = fetch(address)
    if fragment.startswith("sha256=") and hashlib.sha256(wheel).hexdigest() != fragment[7:]:
        raise ValueError(f"{address} is not what the index says it is")
    return wheel


def main() -> int:
    if sys.prefix == sys.base_prefix:
        say("get_pip: run this with the Python of a virtual environment")
        return 2
    index = configured("index-url") or PYPI
    try:
        url = newest(index)
        name = urldefrag(url).url.rpartition("/")[2]
        say(f"  pip is missing here: taking {name}")
        wheel = download(url)
    except (URLError, OSError, ValueError) as error:
        say(f"get_pip: pip did not come from {index}: {error}")
        say("         Check the network and PIP_INDEX_URL, or: sudo apt install python3-venv")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(wheel)
        command = [sys.executable, f"{path}/pip", "--quiet", "--disable-pip-version-check", "install", "--no-index"]
        return subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
