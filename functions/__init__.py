"""The hands: every place where the engine meets a platform or a person."""
