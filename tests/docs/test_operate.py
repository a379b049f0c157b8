"""Every command in the runbooks exists, with the options that they give it."""

import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from functions.cli import app
from workflows.runtime import stuck

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/operate").glob("*.md"))
WRITTEN_ELSEWHERE = {"cost.md", "deploy.md", "observability.md"}
"""Pages of their own kind, which need not begin with a command."""

INDENTED = re.compile(r"^    ((?:sadari|gcloud|make|terraform) .*)$", re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:sadari|gcloud|make|terraform) [^`]+)`")
INNER = re.compile(r"\$\(((?:[^()']|'[^']*')*)\)")
NAME = re.compile(r"[a-z][a-z-]*")
MENTIONED = ["--help"]
"""Stands behind a command that a sentence names without what it is given."""

ENDS = {"|", "||", "&&", ";", ">", ">>", "<"}
TERRAFORM = {"apply", "destroy", "import", "init", "output", "plan", "state", "validate", "fmt"}


def commands_in(text: str) -> Iterator[list[str]]:
    """Give each command of a page as its words, also those inside of others and in sentences."""
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    lines += INDENTED.findall(BLOCK.sub("", text))
    inline = [" ".join(found.split()) for found in INLINE.findall(BLOCK.sub("", text))]
    for line in lines:
        yield from _commands(line)
    for line in inline:
        for words in _commands(line):
            yield [*words, *MENTIONED] if words[0] == "sadari" and all(map(NAME.fullmatch, words)) else words


def _commands(line: str) -> Iterator[list[str]]:
    for inner in INNER.findall(line):
        yield from _commands(inner)
    lexer = shlex.shlex(INNER.sub("VALUE", line), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    is_file = False
    for word in lexer:
        if word in ENDS:
            is_file = word in {">", ">>", "<"}
            yield from [words] if words else []
            words = []
        elif not is_file:
            words.append(word)
    yield from [words] if words else []


ALL = [(page.name, words) for page in PAGES for words in commands_in(page.read_text(encoding="utf-8"))]


def of(program: str) -> list[Any]:
    found = {(page, *words): None for page, words in ALL if words[0] == program}
    return [pytest.param(list(words), id=f"{page}: {' '.join(words)[:70]}") for page, *words in found]


def test_the_pages_hold_commands_of_each_kind() -> None:
    known = {"sadari", "gcloud", "terraform", "export", "make", "openssl", "gh", "python3"}

    assert {words[0] for _, words in ALL} <= known
    assert len(of("sadari")) > 60
    assert len(of("gcloud")) > 20


@pytest.mark.parametrize("words", of("sadari"))
def test_a_command_of_ours_is_parsed_by_the_program_itself(words: list[str]) -> None:
    parse(words)


@pytest.mark.parametrize(
    "line",
    [
        "sadari frob",
        "sadari stuck --jsn",
        "sadari repair CASE --as lee",
        "sadari verify ONE TWO",
        "sadari deliveries list --limit many",
    ],
)
def test_a_command_that_does_not_exist_is_caught(line: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  the parser's class is not public
        parse(line.split())

    assert hasattr(caught.value, "format_message")


def parse(words: list[str]) -> None:
    """Let the program read a command without running it."""
    command, rest, parent = get_command(app), words[1:], None
    while True:
        if rest[:1] == MENTIONED:
            return
        context: Any = command.make_context(words[0], list(rest), parent=parent)
        if not hasattr(command, "commands"):
            return
        _, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command, parent = found, context


@pytest.mark.parametrize("words", of("make"))
def test_a_target_of_make_exists(words: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(words[1:]) <= set(targets)


@pytest.mark.parametrize("words", of("terraform"))
def test_terraform_is_run_where_there_is_something_to_run(words: list[str]) -> None:
    folder = words[1].removeprefix("-chdir=")

    assert (ROOT / folder / "main.tf").is_file()
    assert words[2] in TERRAFORM


def test_logs_are_read_from_the_bucket_that_they_lie_in() -> None:
    reads = [words for _, words in ALL if words[:3] == ["gcloud", "logging", "read"]]

    assert reads
    for words in reads:
        assert " ".join(words).count("--bucket functions --location asia-northeast3 --view _AllLogs") == 1, words


def test_terraform_addresses_in_the_pages_are_resources() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra/terraform/modules/app").glob("*.tf"))
    named = {word for _, words in ALL for word in words if word.startswith("module.app.")}

    assert named
    for name in named:
        kind, label = name.removeprefix("module.app.").split(".")
        assert f'resource "{kind}" "{label}"' in sources


@pytest.mark.emulator
@pytest.mark.parametrize("words", of("gcloud"))
def test_a_command_of_gcloud_is_known_to_the_gcloud_that_is_installed(words: list[str]) -> None:
    assert gcloud_faults(words) == []


@pytest.mark.emulator
def test_a_command_that_gcloud_lacks_is_caught() -> None:
    assert gcloud_faults(["gcloud", "firestore", "databases", "resurrect"])
    assert gcloud_faults(["gcloud", "pubsub", "subscriptions", "seek", "events-advance", "--tyme=now"])


def gcloud_faults(words: list[str]) -> list[str]:
    """Hold a command against the table by which gcloud completes what is typed."""
    tree = completions()
    known, place = set(tree["flags"]), tree
    arguments = words[1:]
    while arguments and arguments[0] in place.get("commands", {}):
        place = place["commands"][arguments.pop(0)]
        known |= set(place.get("flags", {}))
    if place.get("commands"):
        return [f"no command {' '.join(words)}"]
    flags = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    return sorted(flag for flag in flags if flag not in known and flag.replace("--no-", "--") not in known)


@cache
def completions() -> Any:
    """Give gcloud's own tree of commands and options."""
    gcloud = shutil.which("gcloud")
    assert gcloud is not None
    beside = Path(gcloud).resolve().parent.parent
    path = beside / "data/cli/gcloud_completions.py"
    if not path.is_file():
        asked = [gcloud, "info", "--format=value(installation.sdk_root)"]
        root = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout.strip()
        path = Path(root) / "data/cli/gcloud_completions.py"
    spec = importlib.util.spec_from_file_location("gcloud_completions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.STATIC_COMPLETION_CLI_TREE


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in WRITTEN_ELSEWHERE], ids=lambda page: page.name
)
def test_a_runbook_begins_with_the_command_to_run(page: Path) -> None:
    _title, _, rest = page.read_text(encoding="utf-8").partition("\n\n")

    assert rest.startswith("```sh\n")


def test_the_index_names_every_page_and_every_page_that_is_named_exists() -> None:
    index = (ROOT / "docs/operate/README.md").read_text(encoding="utf-8")
    texts = [page.read_text(encoding="utf-8") for page in PAGES] + [Path(stuck.__file__).read_text(encoding="utf-8")]
    alerts = (ROOT / "infra/terraform/modules/app/monitoring.tf").read_text(encoding="utf-8")
    named = {name for text in texts for name in re.findall(r"(?:\(|docs/operate/)([a-z-]+\.md)", text)}
    named |= set(re.findall(r'"([a-z-]+\.md)"', alerts)) | set(re.findall(r"docs/operate/([a-z-]+\.md)", alerts))

    assert {page.name for page in PAGES} - {"README.md"} <= set(re.findall(r"\(([a-z-]+\.md)\)", index))
    assert named - {page.name for page in PAGES} <= {"deploy.md"}


def test_subscriptions_queues_and_functions_in_the_pages_are_those_of_the_terraform() -> None:
    source = (ROOT / "infra/terraform/modules/app/functions.tf").read_text(encoding="utf-8")
    functions = dict(
        re.findall(r"^    (\w+) += \{ (?:topic|queue|trigger|schedule) = \"([^\"]+)\"", source, re.MULTILINE)
    )
    pushed = {f"{topic}-{name}" for name, topic in functions.items()}
    for _, words in ALL:
        match words[1:5]:
            case ["pubsub", "subscriptions", _, name]:
                assert name in pushed, words
            case ["tasks", "queues", _, name]:
                assert name in {"timers", "deliveries"}, words
            case ["functions", "describe", name, *_]:
                assert name in functions, words


def test_every_alert_that_the_events_are_said_to_have_is_made() -> None:
    events = (ROOT / "docs/operate/observability.md").read_text(encoding="utf-8").partition("## The events")[2]
    table = events.partition("A metric of Cloud Logging")[0]
    rows = [row.split(" | ") for row in table.splitlines() if re.match(r"\| `[a-z_]+` \|", row)]
    alarming = {cells[0].strip("|` ") for cells in rows if cells[-1].rstrip(" |") != "–"}
    made = (ROOT / "infra/terraform/modules/app/monitoring.tf").read_text(encoding="utf-8")
    counted = set(re.findall(r'jsonPayload\.event=\\"(\w+)\\"', made))

    assert len(rows) > 10
    assert alarming - counted == {"called", "receiver_failing"}, (
        "the platform counts calls, and partners' staff get mail"
    )
    assert counted <= alarming
