"""Laws of drawn pages: every page is drawn once, and all laws look at it.

Drawing a page takes several times as long as reading it, so the laws share the pages, and what
was read in them. Hypothesis still does what it is there for: each process draws pages
of its own (CI the same ones every time), and a law that fails is drawn for again, alone, until
the smallest page that breaks it is found.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from unittest import SkipTest

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from strategies import Page, pages

from extractor.model import Document
from extractor.pipeline import extract

SEED = 0 if "CI" in os.environ else random.SystemRandom().getrandbits(32)

laws = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    max_examples=int(os.environ.get("EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
reused = settings(laws, phases=(Phase.reuse, Phase.shrink))
drawn = settings(laws, phases=(Phase.generate,), database=None)
searched = settings(laws, phases=(Phase.generate, Phase.shrink))


@lru_cache(maxsize=1000)
def read_page(data: bytes, *, repair: bool = True) -> Document:
    """Extract a page once for all laws; the bound is for runs with many EXAMPLES."""
    return extract(data, "page.md", repair=repair)


@cache
def draw_pages(*, damaged: bool, garbled: bool) -> list[Page]:
    """Draw the pages that the laws share, each once."""
    found: dict[Page, None] = {}

    @seed(SEED)
    @drawn
    @given(pages(damaged=damaged, garbled=garbled))
    def draw(page: Page) -> None:
        found[page] = None

    draw()
    return list(found)


def law(
    *, damaged: bool, garbled: bool = True
) -> Callable[[Callable[[Page], None]], Callable[[], None]]:
    """Make a test of what must hold for every page.

    Pages that broke the law in earlier runs come first, then the shared ones. The same
    seed makes hypothesis draw the shared pages again when one of them breaks the law.
    """

    def make_test(check: Callable[[Page], None]) -> Callable[[], None]:
        drawn_for = given(page=pages(damaged=damaged, garbled=garbled))
        reuse, search = reused(drawn_for(check)), seed(SEED)(searched(drawn_for(check)))

        @pytest.mark.slow
        def test() -> None:
            # Hypothesis skips a test for which it knows no page.
            with suppress(SkipTest):
                reuse()
            for page in draw_pages(damaged=damaged, garbled=garbled):
                try:
                    check(page)
                except Exception as error:
                    error.add_note(f"The law is broken by {page!r}")
                    search()
                    raise

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return make_test
