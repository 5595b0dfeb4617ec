"""The command line. Only this package prints.

A command lives in the module of its name, as ``command``, and is loaded when it
is called: help for all of them needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from extractor.version import __version__

COMMANDS = {
    "run": "Extract pages into a folder of JSON, tables and records.",
    "show": "Show a page as a tree.",
    "check": "Report what is damaged or doubtful in pages.",
    "diff": "Compare two extractions by what they mean.",
    "schema": "Print the document schema, or lint a record schema.",
    "rule": "Explain a diagnostic.",
}
"""The first sentence of every command's help, in the order they are listed."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads the one that is called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take nothing at all for `run`, where a configuration says what to run."""
        if not args:
            from extractor.cli.configuration import read_config

            args = ["run"] if read_config(ctx).settings.sources else []
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the command line; errors show what they quote."""
        with _reveal_errors():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command; errors show what they quote."""
        with _reveal_errors():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextmanager
def _reveal_errors() -> Iterator[None]:
    """Show what is in the messages of errors that click prints."""
    try:
        yield
    except click.ClickException as error:
        from extractor.wording import reveal_lines  # not for help

        shown = reveal_lines(error.format_message())
        vars(error)["format_message"] = lambda: shown
        raise


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="extractor %(version)s")
def cli() -> None:
    """Turn Markdown pages into validated JSON, tables and records.

    Without a command: run, if extractor.toml or pyproject.toml names sources.

    Exit codes: 0 all is well, 1 something was rejected, invalid or found,
    2 wrong usage.
    """


def main() -> None:
    """Run the command line and exit."""
    cli(prog_name="extractor")
