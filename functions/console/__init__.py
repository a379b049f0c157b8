"""The staff console: a Flask site inside one HTTP function."""
