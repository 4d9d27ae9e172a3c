"""Reference pages made from the code itself: ``python -m api.reference docs`` writes them anew.

The tests compare the committed pages with what this module makes, so they cannot drift.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from api.problems import STATUS
from api.settings import Settings
from territory.errors import FieldwrightError
from territory.tables.document import document

HEAD = "<!-- Made by `python -m api.reference docs`; edit the code, not this page. -->"


def pages() -> Mapping[str, str]:
    """Every generated page by file name."""
    return {
        "cli.md": cli_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "tables.md": f"{HEAD}\n\n{document()}",
        "checks.md": checks_page(),
    }


def cli_page() -> str:
    """Every command with its arguments and options."""
    import typer.main

    from api.cli import app

    lines = [HEAD, "", "# Command line", "", "`fieldwright COMMAND --help` says the same.", ""]
    group = typer.main.get_command(app)
    lines += _commands(group, "fieldwright")
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: object, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        path = f"{prefix} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, path)
            continue
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        yield f"## {path}"
        yield ""
        yield (command.help or "").strip()
        yield ""
        shown = [
            f"{p.name.upper()}{'...' if p.nargs == -1 else ''}"
            if p.required
            else f"[{p.name.upper()}]"
            for p in arguments
        ]
        yield f"    {' '.join([path, *shown])}{' [OPTIONS]' if options else ''}"
        yield ""
        for parameter in (*arguments, *options):
            flags = (
                parameter.name.upper()
                if parameter.param_type_name == "argument"
                else ", ".join((*parameter.opts, *parameter.secondary_opts))
            )
            default = _default(parameter)
            yield f"- `{flags}` {getattr(parameter, 'help', '') or ''}{default}"
        yield ""


def _default(parameter: object) -> str:
    value = getattr(parameter, "default", None)
    if value in (None, False, (), []) or callable(value) or getattr(parameter, "required", False):
        return ""
    return f" (default: `{value}`)"


def settings_page() -> str:
    """Every setting with its default and meaning."""
    lines = [
        HEAD,
        "",
        "# Settings",
        "",
        "Each is an environment variable. None is needed to start.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default == "" else f"`{field.default}`"
        lines.append(f"| `FIELDWRIGHT_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Every error code with its HTTP status and meaning."""
    lines = [
        HEAD,
        "",
        "# Errors",
        "",
        "The command line prints the message and exits with 1 (wrong usage: 2). HTTP answers with",
        "an RFC 9457 problem document whose `code` is one of these; `errors` lists single faults.",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    known: list[type[FieldwrightError]] = [FieldwrightError, *_descendants(FieldwrightError)]
    # Not what a room keeps to itself.
    kinds = [kind for kind in known if kind.__module__ == FieldwrightError.__module__]
    for kind in kinds:
        meaning = (kind.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{kind.code}` | {STATUS[kind.code]} | {meaning} |")
    return "\n".join(lines) + "\n"


def checks_page() -> str:
    """Every code the judge may give, with its meaning."""
    from territory.checks.violation import CODES

    lines = [
        HEAD,
        "",
        "# The judge",
        "",
        "`fieldwright check PLAN` recomputes every figure of a plan from the market's own tables",
        "and roads and lists what does not agree. It shares no code with the solvers, runs before",
        "any plan is saved, and refuses to save one it finds wrong.",
        "",
        "| code | meaning |",
        "|---|---|",
        *(f"| `{code}` | {meaning} |" for code, meaning in CODES.items()),
    ]
    return "\n".join(lines) + "\n"


def _descendants(kind: type[FieldwrightError]) -> Iterator[type[FieldwrightError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def write(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
