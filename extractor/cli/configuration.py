"""What the configuration file says, as defaults of a command's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from extractor.config import Config, ConfigError, load_config


class ConfiguredCommand(click.Command):
    """A command whose options fall back on the nearest configuration file.

    A key of the file is the default of the parameter of the same name, where
    the command has one; `select` and `ignore` are not, since they are weighed
    against the file page by page. The configuration itself is found in the
    context, by `get_config`.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the configuration, then the command line over it."""
        try:
            config = load_config(Path.cwd())
        except ConfigError as error:
            raise click.UsageError(str(error), ctx) from error
        ctx.meta[__name__] = config
        ctx.default_map = list_defaults(config)
        rest = super().parse_args(ctx, args)
        # click before 8.3 gives arguments no defaults from the map.
        if not ctx.resilient_parsing and "sources" in ctx.params and not ctx.params["sources"]:
            ctx.params["sources"] = config.settings.sources
            if not config.settings.sources:
                raise click.UsageError("Missing argument 'SOURCES...'.", ctx)
        return rest


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
    }
    return {name: value for name, value in defaults.items() if value is not None}
