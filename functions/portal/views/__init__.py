"""The pages, one file per thing that people come for."""
