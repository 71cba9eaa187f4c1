"""What the server's own settings classes make of environments; runs in the server's environment.

Reads a list of environments as JSON and writes, for each, variable -> value of the field that it
sets; then the variables whose fields nothing of the server uses.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def variables(settings: Any, field: str) -> Iterator[str]:  # noqa: ANN401 - a settings class
    """The variables that set a field, as pydantic reads them: any case, here in capitals."""
    alias = settings.model_fields[field].validation_alias
    if alias is None:
        yield (settings.model_config.get("env_prefix", "") + field).upper()
        return
    for choice in getattr(alias, "choices", (alias,)):
        yield str(choice).upper()


def main() -> int:
    """Answer on standard output."""
    module: Any = importlib.import_module("letta.settings")
    found = (each for each in vars(module).values() if isinstance(each, type))
    classes: list[Any] = [each for each in found if issubclass(each, module.BaseSettings)]
    # A class for tests has the fields of the one that it stands for.
    classes = [each for each in classes if each.__name__ != "TestSettings"]
    fields = {
        variable: (settings, field)
        for settings in classes
        for field in settings.model_fields
        for variable in variables(settings, field)
    }
    parsed = []
    for environment in json.load(sys.stdin):
        os.environ.clear()
        os.environ.update(environment)
        made = {settings: settings() for settings in classes}
        parsed.append(
            {
                variable: getattr(made[fields[variable][0]], fields[variable][1])
                for variable in environment
                if variable in fields
            }
        )
    # What the classes make of their own fields counts: the URI from its parts is a property.
    source = "\n".join(
        file.read_text(encoding="utf-8") for file in Path(module.__file__).parent.rglob("*.py")
    )
    used = set(re.findall(r"[\w)\]]\.(\w+)", source))
    dead = sorted(variable for variable, (_, field) in fields.items() if field not in used)
    json.dump({"parsed": parsed, "dead": dead}, sys.stdout, default=str)
    return 0


if __name__ == "__main__":
    sys.exit(main())
