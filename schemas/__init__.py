"""The words: frozen models of whatever crosses a boundary or is stored."""
