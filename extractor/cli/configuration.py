"""What the configuration file says, as defaults of a command's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import click

from extractor.config.loading import Config, ConfigError, load_config

follow_links_option = click.option(
    "--follow-links/--no-follow-links",
    default=False,
    help="Follow symbolic links that lead out of the folders named, or leave them alone.",
)
"""The option of every command that looks for pages in folders."""


class ConfiguredCommand(click.Command):
    """A command whose options fall back on the nearest configuration file.

    A key of the file is the default of the parameter of the same name, where
    the command has one; `select` and `ignore` are not, since they are weighed
    against the file page by page. The configuration itself is found in the
    context, by `get_config`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the configuration, then the command line over it."""
        config = read_config(ctx)
        ctx.meta[__name__] = config
        ctx.default_map = list_defaults(config)
        rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing and not ctx.params.get("sources"):
            # click before 8.3 gives arguments no defaults from the map.
            ctx.params["sources"] = config.settings.sources or self._miss_sources(ctx)
        return rest

    def _miss_sources(self, ctx: click.Context) -> NoReturn:
        argument = next(param for param in self.params if param.name == "sources")
        raise click.MissingParameter(ctx=ctx, param=argument)


def read_config(ctx: click.Context) -> Config:
    """Read the nearest configuration.

    Raises:
        click.UsageError: If it can't be used.
    """
    try:
        return load_config(Path.cwd())
    except ConfigError as error:
        raise click.UsageError(str(error), ctx) from error


def get_config(ctx: click.Context) -> Config:
    """Give the configuration that a `ConfiguredCommand` has read."""
    config = ctx.meta[__name__]
    assert isinstance(config, Config)
    return config


def list_defaults(config: Config) -> dict[str, Any]:
    """List what the file says as defaults for parameters, by their names."""
    settings = config.settings
    defaults: dict[str, Any] = {
        "sources": settings.sources or None,
        "out": settings.out,
        "schemas": settings.schemas or None,
        "formats": settings.formats or None,
        "repair": settings.repair,
        "spans": settings.spans,
        "jobs": settings.jobs,
        "time_limit": settings.time_limit,
        "follow_links": settings.follow_links,
    }
    return {name: value for name, value in defaults.items() if value is not None}
