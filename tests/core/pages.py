"""Reading pages as a browser would, for claims about their markup."""

from html.parser import HTMLParser


class Markup(HTMLParser):
    """What a page must not carry under our content-security policy, and its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.fragments: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(f"<{tag}>")
        self.inline += [name for name in named if name == "style" or name.startswith("on")]
        if named.get("href", "").startswith("javascript:"):
            self.inline.append(named["href"])
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if "id" in named:
            self.ids.append(named["id"])
        if named.get("href", "").startswith("#"):
            self.fragments.append(named["href"][1:])
