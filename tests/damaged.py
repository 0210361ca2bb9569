"""What may become of an `.npz` file that is kept: each changes its bytes in another way."""


def _flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def _headless(content):
    return content.replace(b"'descr'", b"'d\xffscr'")


def _of_another_method(content):
    """As if the archive were compressed in a way that nobody knows."""
    entry = content.index(b"PK\x01\x02") + 10
    return content[:entry] + b"\x7f" + content[entry + 1 :]


DAMAGES = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "not of this kind": lambda content: b"not an archive",
    "a bit changed": _flipped,
    "a header changed": _headless,
    "a method changed": _of_another_method,
}
