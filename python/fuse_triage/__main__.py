"""``python -m fuse_triage`` is the command ``fuse-triage``."""

from ._launch import fuse_triage

fuse_triage()
