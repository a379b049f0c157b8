"""The API of partners and their tools."""
