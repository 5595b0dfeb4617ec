"""Where pages are worked on: on this machine, or on a cluster."""
