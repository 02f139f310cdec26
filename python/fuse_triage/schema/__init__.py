"""What the reports hold, as dataclasses: one module for each JSON schema of the project."""
