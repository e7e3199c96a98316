"""A browser as tests use it: Chromium where it is installed, spoken to over its debugging pipe; no port, no driver.

`document` needs none: without a browser it is the page as it stands. `Browser` opens pages as somebody would, with
scripts, a theme and a size of their own, and keeps whatever their console says.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
PATIENCE = 60.0  # seconds


@cache
def browser() -> str | None:
    """The first browser that is one: some systems have a script of that name that asks for its installation."""
    return next(filter(_works, filter(None, map(shutil.which, NAMES))), None)


def _works(program: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="taylorkit-browser-", ignore_cleanup_errors=True) as folder:
        page = Path(folder, "page.html")
        page.write_text("<!DOCTYPE html><title>it works</title>")
        words = [program, *FLAGS, f"--user-data-dir={folder}/profile", "--dump-dom", page.as_uri()]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0 and "it works" in done.stdout


def browse(page: Path, *more: str) -> str:
    """The document after its scripts have run, as Chromium writes it out; asks nothing of any network."""
    with tempfile.TemporaryDirectory(prefix="taylorkit-browser-", ignore_cleanup_errors=True) as empty:
        words = [str(browser()), *FLAGS, f"--user-data-dir={empty}", *more, page.absolute().as_uri()]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(page: Path, folder: Path) -> Path:
    """A file with the page's document as a browser has it."""
    if browser() is None:
        return page
    kept = folder / f"{page.parent.name}.dom.html"
    kept.write_text(browse(page, "--dump-dom"), encoding="utf-8")
    return kept


class Browser:
    """One tab. `said` holds what went wrong in it: console errors and warnings, exceptions, refused requests."""

    def __init__(self, to: int, back: int) -> None:
        self.to, self.back = to, back
        self.buffer, self.count = b"", 0
        self.events: list[dict[str, Any]] = []
        self.session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask over the pipe, in Chrome's DevTools Protocol, and wait for the answer."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self.count:
            self.events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            assert select.select([self.back], [], [], PATIENCE)[0], "the browser does not answer"
            read = os.read(self.back, 2**20)
            assert read, "the browser has ended"
            self.buffer += read
        first, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(first)

    def open(self, page: Path, width: int = 1200, theme: str = "light", scripts: bool = True) -> None:
        """Load the page and wait until it has been drawn."""
        self.look(width, theme)
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.events.clear()
        self.send("Page.navigate", url=page.absolute().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def look(self, width: int, theme: str = "light", media: str = "", height: int = 900) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": theme}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def get(self, expression: str) -> Any:
        """The value of an expression of JavaScript on the page."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, expression: str, again: Callable[[], None] | None = None) -> None:
        """Until the expression holds; `again` is done before each look, for what a page that is being drawn misses."""
        until = time.monotonic() + PATIENCE
        while True:
            if again:
                again()
            if self.get(expression):
                return
            assert time.monotonic() < until, f"never: {expression}"
            time.sleep(0.05)

    def mouse(self, kind: str, x: float, y: float) -> None:
        more = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, x, y)

    def press(self, key: str) -> None:
        code = {"ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "ArrowLeft": 37, "Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    @property
    def said(self) -> list[dict[str, Any]]:
        self.get("0")
        loud = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        found = [event["params"] for event in self.events if event.get("method") in loud]
        # What a later browser will no longer do is no fault of the page.
        return [params for params in found if params.get("entry", {}).get("source") != "deprecation"]

    @property
    def asked(self) -> list[str]:
        """The addresses of all requests that were no data and no file."""
        sent = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith(("data:", "file:"))]

    def screenshot(self, path: Path, whole: bool = True) -> None:
        made = self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))

    def pdf(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True)["data"]))


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser with an empty profile, ended afterwards."""
    there, to = os.pipe()
    back, here = os.pipe()
    with tempfile.TemporaryDirectory(prefix="taylorkit-browser-", ignore_cleanup_errors=True) as empty:
        # The pipe's ends are to be files 3 and 4, which a shell between sees to.
        redirect = f'exec "$0" "$@" 3<&{there} 4>&{here}'
        words = [str(browser()), *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={empty}", "about:blank"]
        process = subprocess.Popen(
            ["bash", "-c", redirect, *words],
            pass_fds=(there, here),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there), os.close(here)
        try:
            found = Browser(to, back)
            yield found
            found.session = None
            found.send("Browser.close")
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            os.close(to), os.close(back)
