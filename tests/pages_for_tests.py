"""Pages as a program reads them: numbers with where they come from, text, links and ids."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.links, self.numbers, self.text = [], [], [], {}, []
        self.attributes = []
        self._number = None
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """Note a tag, its id, and whether a number begins."""
        told = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._hidden += tag in ("style", "svg")
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "a":
            self.links.append(told["href"])
        if tag == "data" and "data-from" in told:
            self._number = (told["data-from"], told["data-statistic"]), told.get("value")

    def handle_endtag(self, tag):
        """Note that a number or what is not read ends."""
        self._hidden -= tag in ("style", "svg")
        if tag == "data":
            self._number = None

    def handle_data(self, data):
        """Note text, as a number where it is one."""
        if not self._hidden:
            self.text.append(data)
        if self._number:
            key, value = self._number
            self.numbers.setdefault(key, []).append((None if value is None else float(value), data))

    def number(self, origin, statistic):
        """The only value of a number."""
        ((value, _),) = self.numbers[origin, statistic]
        return value

    @property
    def words(self):
        """All text with single spaces."""
        return " ".join("".join(self.text).split())
