"""Whether a message passes a filter of Pub/Sub, as its documentation says; the emulator lets everything pass."""

import re
from collections.abc import Mapping

TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>[(),]|!=|=)|(?P<word>[A-Za-z_][\w.-]*)|(?P<end>$))')


class Filter:
    """A filter: comparisons of attributes, `hasPrefix`, AND, OR, NOT and parentheses."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            assert found, f"no filter at [{text[at:]}]"
            self._tokens += [token for token in found.groups() if token]
            at = found.end()
        self._at = 0

    def passes(self, attributes: Mapping[str, str]) -> bool:
        """Tell whether a message with these attributes passes."""
        self._at = 0
        if not self._tokens:
            return True
        result = self._either(attributes)
        assert self._at == len(self._tokens), f"not read: {self._tokens[self._at :]}"
        return result

    def _next(self, *expected: str) -> str:
        token = self._tokens[self._at]
        assert not expected or token in expected, f"[{token}] where {expected} was expected"
        self._at += 1
        return token

    def _is_next(self, token: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == token

    def _either(self, attributes: Mapping[str, str]) -> bool:
        result = self._all(attributes)
        while self._is_next("OR"):
            self._next()
            result = self._all(attributes) or result
        return result

    def _all(self, attributes: Mapping[str, str]) -> bool:
        result = self._one(attributes)
        mixed = self._tokens
        while self._is_next("AND"):
            self._next()
            result = self._one(attributes) and result
            assert not self._is_next("OR"), f"Pub/Sub wants parentheses where AND and OR meet: {mixed}"
        return result

    def _one(self, attributes: Mapping[str, str]) -> bool:
        if self._is_next("NOT"):
            self._next()
            return not self._one(attributes)
        if self._is_next("("):
            self._next()
            result = self._either(attributes)
            self._next(")")
            return result
        if self._is_next("hasPrefix"):
            self._next()
            self._next("(")
            name = self._attribute()
            self._next(",")
            prefix = self._text()
            self._next(")")
            return attributes.get(name, "").startswith(prefix) and name in attributes
        name, sign, value = self._attribute(), self._next("=", "!="), self._text()
        return (attributes.get(name) == value) is (sign == "=")

    def _attribute(self) -> str:
        return self._next().removeprefix("attributes.")

    def _text(self) -> str:
        return re.sub(r"\\(.)", r"\1", self._next()[1:-1])
