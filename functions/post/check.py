"""Proves that everything that people are told can be written, before anything is."""

from functions.post.rules import read_rules, rule_faults
from functions.post.short_texts import ShortTexts
from functions.scribe import TemplateScribe


class TextsError(Exception):
    """The texts have faults; names every one."""


def text_faults() -> list[str]:
    """Give every fault of the letters, the short texts and the rules of the post."""
    return [*TemplateScribe().check(), *ShortTexts().check(), *rule_faults(read_rules())]


def check_texts() -> None:
    """Pass if everything can be written.

    Raises:
        TextsError: Something cannot.
    """
    if faults := text_faults():
        raise TextsError("; ".join(faults))
