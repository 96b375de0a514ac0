"""The one exception whose message is meant for the person at the keyboard."""


class StepaheadError(Exception):
    """Says in one line which param or file is wrong, the value found, what is allowed and the way out."""
