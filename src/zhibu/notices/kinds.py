"""What a notice is called outside the platform: fixed words, so that no name leaves with it.

The kind is the beginning of a notice's key, before the first colon: ``case`` of
``case:12:3``. Areas register theirs beside the action that sends it; a test finds every key
that nobody registered.
"""

UNNAMED = "有一条新消息"

_words: dict[str, str] = {}
_here_only: set[str] = set()


def register(kind: str, words: str, *, here_only: bool = False) -> None:
    """``here_only``: never by mail or webhook, being about those."""
    if kind in _words:
        raise ValueError(f"消息种类 {kind} 登记了两次")
    _words[kind] = words
    if here_only:
        _here_only.add(kind)


def goes_out(kind: str) -> bool:
    return kind not in _here_only


def of(key: str) -> str:
    """The kind of a notice by its key."""
    return key.partition(":")[0]


def words(kind: str) -> str:
    """What may be said of it to anybody; names nobody and nothing."""
    return _words.get(kind, UNNAMED)


def known() -> dict[str, str]:
    """Words by kind, as registered."""
    return dict(_words)


def offered() -> list[tuple[str, str]]:
    """Kinds that a webhook may ask for, with their words."""
    return sorted((kind, said) for kind, said in _words.items() if goes_out(kind))
