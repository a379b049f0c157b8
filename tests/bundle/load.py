"""Loads one function as the framework does, calls it once, and prints what that imported.  Run where nothing else is.

python load.py MAIN TARGET     with the call as JSON on standard input: path, method, headers, body
"""

import gc
import json
import sys

import functions_framework

OURS = {"functions", "workflows", "schemas", "main"}


def package(module: str) -> str:
    """Name the package that a module belongs to; Google's are told apart."""
    parts = module.split(".")
    long = 3 if parts[:2] == ["google", "cloud"] else 2 if parts[0] == "google" else 1
    return ".".join(parts[:long])


def come_since(begun: set[str]) -> list[str]:
    """Name the packages from elsewhere that have been imported since; what is inside of others begins with `_`."""
    packages = {package(name) for name in set(sys.modules) - begun}
    return sorted(each for each in packages - sys.stdlib_module_names - OURS if not each.startswith("_"))


if __name__ == "__main__":
    main, target = sys.argv[1:]
    call = json.load(sys.stdin)
    begun = set(sys.modules)
    app = functions_framework.create_app(target, main)
    told = {"load": come_since(begun)}
    answer = app.test_client().open(
        call["path"], method=call["method"], data=call["body"].encode(), headers=call["headers"]
    )
    told |= {"status": answer.status_code, "text": answer.text[:500], "call": come_since(begun)}
    told["ours"] = sorted(name for name in set(sys.modules) - begun if name.partition(".")[0] in OURS)
    told["modules"] = len(sys.modules)
    told["collects"] = gc.isenabled()
    json.dump(told, sys.stdout)
