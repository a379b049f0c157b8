"""A dealer of messages: Alimtalk and short messages."""
