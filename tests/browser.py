"""Pages in a real browser that has no network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",  # where a container has 64 MB of shared memory, it dies once that is full
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
]
HOSTILE = (
    "</script><script>document.title='owned'</script> <!-- <img src=x onerror=\"document.title='owned'\"> "
    "{{ 7 * 7 }} \u2028 \u202e </noscript> &lt; ' \" ]]> "
)


class Opened:
    """A page, with what it asked of the network and said on the console."""

    def __init__(self, browser: Any, path: Path, ready: str = "html[data-ready]", **options: Any) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context = browser.new_context(offline=True, **options)
        self.page = context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())
        self.address = path.as_uri()
        if options.get("java_script_enabled", True):
            self.page.wait_for_selector(ready, state="attached")

    def violations(self) -> list[str]:
        """What axe-core finds wrong for people who use a screen reader, a keyboard or little contrast."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]

    def marks(self, figure: str) -> list[str]:
        """The shapes that a chart's models are drawn with, in any order."""
        shapes: list[str] = self.page.eval_on_selector_all(
            f"#figure-{figure} .chart g.mark-line path", "paths => paths.map(path => path.getAttribute('d'))"
        )
        return sorted(shapes)

    def soon(self, look: Callable[[], Any], before: Any) -> Any:
        """What `look` sees once it is no longer `before`, or after two seconds."""
        for _ in range(40):
            if look() != before:
                break
            self.page.wait_for_timeout(50)
        return look()
