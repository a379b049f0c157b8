"""Adapters: technology and role, one class per port.  No adapter knows another vendor's."""
