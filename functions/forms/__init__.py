"""Doors for what people and programmes send: verified on raw bytes, strict, all faults at once."""
