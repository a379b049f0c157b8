"""The hands: entry points, adapters, the command line, the local stack."""
