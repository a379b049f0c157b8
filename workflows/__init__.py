"""The thinking: the pure engine, the workflows as data, and the use cases."""
