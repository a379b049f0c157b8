"""The cloud on a desk: local stand-ins for the services a real deployment talks to."""
