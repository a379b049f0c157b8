"""How letters reach people: rules, short texts, calendars, settings."""
