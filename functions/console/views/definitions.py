"""The workflows, as staff read them."""

from flask import Flask, render_template

from functions.console.room import language
from workflows.definitions import LATEST
from workflows.definitions.words import WORDS
from workflows.engine.describe import page
from workflows.runtime.errors import NotFound


def add_to(site: Flask) -> None:
    """Add the pages."""
    site.add_url_rule("/definitions", "definitions", definitions)
    site.add_url_rule("/definitions/<name>", "definition", definition)


def definitions() -> str:
    """List the workflows."""
    return render_template("definitions.html", workflows=LATEST)


def definition(name: str) -> str:
    """Show one workflow as a page of sentences."""
    workflow = LATEST.get(name)
    if workflow is None:
        raise NotFound(f"[{name}]")
    return render_template("definition.html", workflow=workflow, lines=page(workflow, WORDS, language()).splitlines())
