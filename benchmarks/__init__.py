"""Speed and memory of the extractor, as ratios of one run on one machine.

``python -m benchmarks`` prints every figure with its aim; ``python -m benchmarks speed startup``
only those parts. No test depends on a time measured here.
"""
