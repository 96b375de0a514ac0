"""The one exception whose message is meant for the person at the keyboard."""


def printable(text: str) -> str:
    """`text` on one line, in which nothing from a corpus, a file or a server can act on a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


class StepaheadError(Exception):
    """Says in one line which param or file is wrong, the value found, what is allowed and the way out."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))
