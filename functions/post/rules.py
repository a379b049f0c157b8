"""Reads the rules of the post from `rules.toml`."""

import tomllib
from pathlib import Path

from schemas.notices import NOTICES
from schemas.post import PostRules

RULES = Path(__file__).parent / "rules.toml"


def read_rules(path: Path = RULES) -> PostRules:
    """Give the rules.

    Raises:
        ValueError: They are not TOML, or not of this form.
    """
    return PostRules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def rule_faults(rules: PostRules) -> list[str]:
    """Give every fault of the rules that their form lets through."""
    named = [name for rule in rules.rules for name in rule.notices]
    faults = [f"{RULES.name}: [{name}] is no notice" for name in named if name not in NOTICES]
    last = rules.rules[-1] if rules.rules else None
    if last is None or last.notices or last.kinds or last.locales:
        faults.append(f"{RULES.name}: the last rule has to fit every letter")
    return faults
