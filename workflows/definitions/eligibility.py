"""Who may take part: rules are data of the round.  A rule that is not met only proposes; a human decides."""

from schemas.application import Application


def failed_rules(application: Application) -> tuple[str, ...]:
    """Give the ids of the rules that are not met."""
    return tuple(rule.id for rule in application.admission.rules if getattr(application, rule.field) not in rule.one_of)
