"""Write `sandbox/aws/data/` anew from the published data in the development dependencies.

    python tools/refresh_sandbox_data.py           write the files
    python tools/refresh_sandbox_data.py --check   exit 1 and name the files that differ

Sources: cfn-lint's lists of database and cache engine versions and of Lambda runtimes, moto's copy
of the policies that AWS manages.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).parent.parent / "sandbox" / "aws" / "data"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    written = {
        "engine_versions.json": _json(_engine_versions()),
        "lambda_runtimes.json": _json(_lambda_runtimes()),
        "managed_policies.txt": "".join(f"{path}\n" for path in _managed_policies()),
        "sources.json": _json({name: version(name) for name in ("cfn-lint", "moto")}),
    }
    if check:
        stale = [name for name, text in written.items() if _committed(name) != text]
        for name in stale:
            print(f"{name} differs from what the installed packages give", file=sys.stderr)
        return 1 if stale else 0
    for name, text in written.items():
        (DATA / name).write_text(text, encoding="utf-8")
    return 0


def _committed(name: str) -> str | None:
    path = DATA / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(value: object) -> str:
    return json.dumps(value, indent=1) + "\n"


def _engine_versions() -> dict[str, list[str]]:
    """Versions that can be created: PostgreSQL without the retired ones, Redis and Valkey."""
    retired = _versions("aws_rds_dbinstance/engine_version_deprecated.json", "if")["postgres"]
    postgres = _versions("aws_rds_dbinstance/engine_version.json", "then")["postgres"]
    caches = _versions("aws_elasticache_cachecluster/engine_version.json", "then")
    offered = {
        "postgres": [v for v in postgres if v not in retired],
        "redis": caches["redis"],
        "valkey": caches["valkey"],
    }
    return {engine: sorted(versions, key=_numbers) for engine, versions in offered.items()}


def _versions(file: str, branch: str) -> dict[str, list[str]]:
    rules = json.loads(_package_file("cfnlint", f"data/schemas/extensions/{file}"))["allOf"]
    return {
        rule["if"]["properties"]["Engine"]["const"]: rule[branch]["properties"]["EngineVersion"][
            "enum"
        ]
        for rule in rules
        if "const" in rule["if"]["properties"]["Engine"]
    }


def _numbers(text: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in text.replace("-", ".").split(".")]


def _lambda_runtimes() -> dict[str, str | None]:
    """Runtime to the day from which no function can be created with it, or null."""
    published = json.loads(
        _package_file("cfnlint", "data/AdditionalSpecs/LmbdRuntimeLifecycle.json")
    )
    return {name: published[name]["create-block"] for name in sorted(published)}


def _managed_policies() -> list[str]:
    """Path and name of each policy, as its ARN ends."""
    module = ast.parse(_package_file("moto", "iam/aws_managed_policies.py"))
    [assignment] = [node for node in module.body if isinstance(node, ast.Assign)]
    policies = json.loads(ast.literal_eval(assignment.value))
    return sorted(policy["Path"].removeprefix("/") + name for name, policy in policies.items())


def _package_file(package: str, path: str) -> bytes:
    return (files(package) / path).read_bytes()


if __name__ == "__main__":
    sys.exit(main())
