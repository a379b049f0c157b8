"""Writes tests/infra/schemas/*.json: what Terraform's providers know of the resources that infra/terraform uses.

The schemas are read out of the packages that HashiCorp generated from the providers themselves for its CDK; npm brings
them, as no registry of Terraform's is needed for that.  Run it whenever infra/terraform uses a resource that it did not
use before:  .venv/bin/python scripts/provider_schemas.py
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "tests/infra/schemas"
PACKAGES = {"google": "@cdktf/provider-google@16.12.1", "random": "@cdktf/provider-random@12.0.1"}
USED = re.compile(r'^(resource|data|ephemeral) "([a-z]+)_([a-z0-9_]+)"', re.MULTILINE)

ARGUMENT = re.compile(
    r"^ +(?P<name>\w+): \{\n +value: (?P<value>.*),\n +isBlock: (?P<is_block>\w+),\n"
    r' +type: "(?P<type>\w+)",\n +storageClassType: "(?P<storage>\w+)",',
    re.MULTILINE,
)
GETTER = re.compile(r"this\.get(String|Number|Boolean|List|StringMap|BooleanMap|NumberMap)Attribute\('(\w+)'\)")
MAPPED = re.compile(r'new cdktf\.(String|Boolean|Number)Map\(this, "(\w+)"')
SIMPLE = {"string": "string", "boolean": "bool", "number": "number"}
GOTTEN = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "StringMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
}

LINE_MAX = 10_000  # longer ones hold a map of the source


class Package:
    """The text of one resource of one package."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "index.js").read_text().splitlines()
        self.code = "\n".join(line for line in lines if len(line) < LINE_MAX)
        self.types = re.sub(r"/\*.*?\*/", "", (folder / "index.d.ts").read_text(), flags=re.DOTALL)

    def interface(self, name: str) -> dict[str, bool]:
        """By argument, as the package spells it: whether it has to be given."""
        body = re.search(rf"^export interface {name} [^{{]*\{{(.*?)^\}}", self.types, re.MULTILINE | re.DOTALL)
        return {each: not mark for each, mark in re.findall(r"readonly (\w+)(\??):", body[1] if body else "")}

    def part(self, start: str) -> str:
        """What stands from `start` to the end of its braces."""
        found = re.search(rf"^{start}.*?^\}}", self.code, re.MULTILINE | re.DOTALL)
        return found[0] if found else ""


def resource(folder: Path) -> dict[str, Any]:
    """Give the schema of one resource."""
    package = Package(folder)
    found = re.search(
        r"^class (\w+) extends cdktf\.Terraform(?:Resource|DataSource|Provider) ", package.code, re.MULTILINE
    )
    if not found:
        raise SystemExit(f"no resource in [{folder.name}]")
    body = package.part(rf"class {found[1]} extends")
    return block(package, body, package.interface(f"{found[1]}Config"), body)


def block(package: Package, arguments: str, required: dict[str, bool], getters: str) -> dict[str, Any]:
    """Give the attributes and the blocks that `arguments` and `getters` speak of."""
    attributes: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for each in ARGUMENT.finditer(arguments):
        name, value = each["name"], each["value"]
        spelled = re.search(r"(?:struct\.|this\._)(\w+)", value)
        is_required = required.get(spelled[1] if spelled else "", False)
        nested = re.search(r"(\w+)ToHclTerraform(?=[,(])(?!.*\w+ToHclTerraform)", value)
        if nested and not nested[1].startswith(("string", "number", "boolean")):
            blocks[name] = {
                "nesting": "single"
                if each["type"] == "struct" and name == "timeouts"
                else each["type"].replace("struct", "list"),
                "min": int(is_required),
                "max": 0 if "istMapperHcl" in value else 1,
                **nested_block(package, nested[1]),
            }
        else:
            attributes[name] = {
                "type": typed(each["type"], each["storage"]),
                "is": "required" if is_required else "optional",
            }
    for kind, name in [*GETTER.findall(getters), *((f"{kind}Map", name) for kind, name in MAPPED.findall(getters))]:
        if name not in attributes and name not in blocks:
            attributes[name] = {"type": GOTTEN[kind], "is": "computed"}
    return {"attributes": dict(sorted(attributes.items())), "blocks": dict(sorted(blocks.items()))}


def nested_block(package: Package, function: str) -> dict[str, Any]:
    """Give what a block holds, by the name of the function that writes it."""
    name = function[0].upper() + function[1:]
    arguments = package.part(rf"function {function}ToHclTerraform\(")
    return block(package, arguments, package.interface(name), package.part(rf"class {name}OutputReference "))


def typed(form: str, storage: str) -> Any:
    """Give the type as Terraform writes it."""
    if form == "simple":
        return SIMPLE[storage]
    inner = re.sub(r"(List|Map)+$", "", storage)
    return [form, ["list", SIMPLE[inner]] if storage.endswith("ListList") else SIMPLE[inner]]


def used() -> set[tuple[str, str, str]]:
    """Every resource that infra/terraform uses: how, of which provider, and its name there."""
    texts = (path.read_text() for path in (ROOT / "infra/terraform").rglob("*.tf"))
    return {found for text in texts for found in USED.findall(text)}


def fetch(package: str, into: Path) -> Path:
    """Unpack a package, and give the folder of its resources."""
    packed = subprocess.run(["npm", "pack", "--silent", package], cwd=into, check=True, capture_output=True, text=True)  # noqa: S607  the npm of the path
    with tarfile.open(into / packed.stdout.strip()) as archive:
        archive.extractall(into, filter="data")
    return into / "package/lib"


def read(provider: str, lib: Path, package: str) -> dict[str, Any]:
    """Give what a provider knows of the resources that are used."""
    schema: dict[str, Any] = {"package": package, "licence": "MPL-2.0, HashiCorp, Inc.", "version": "", "resource": {}}
    settings = resource(lib / "provider")
    attributes = {name: each for name, each in settings["attributes"].items() if not name.endswith("_custom_endpoint")}
    schema["provider"] = {**settings, "attributes": attributes}
    for kind, _, name in sorted(each for each in used() if each[1] == provider):
        folder = lib / f"{f'data-{provider}-' if kind == 'data' else ''}{name.replace('_', '-')}"
        version = re.search(r"providerVersion: '([^']+)'", (folder / "index.js").read_text())
        schema["version"] = version[1] if version else ""
        # An ephemeral resource has the arguments of the resource of its name; the package knows only of that.
        schema.setdefault(kind, {})[f"{provider}_{name}"] = resource(folder)
    return schema


def main() -> None:
    """Write one file for each provider."""
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for provider, package in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            schema = read(provider, fetch(package, Path(folder)), package)
        (SCHEMAS / f"{provider}.json").write_text(json.dumps(schema, indent=1) + "\n")
        known = sum(len(schema.get(kind, {})) for kind in ("resource", "data", "ephemeral"))
        sys.stdout.write(f"{provider} {schema['version']}: {known}\n")


if __name__ == "__main__":
    main()
