"""Reports as objects: the generated dataclasses, and what one does with them."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from ._errors import TriageError
from ._frames import Engine, frame, rows_of
from .schema import diff as diff_schema
from .schema import explanation as explanation_schema
from .schema import fleet as fleet_schema
from .schema import ranks as ranks_schema
from .schema import report as report_schema

if TYPE_CHECKING:
    import os

Data = TypeVar("Data")
Format = Literal["text", "markdown", "html"]
Table = Literal["kernels", "fusions", "overlap", "ledger", "actions"]

# Tall enough for the first table without a scroll bar in the notebook's own page.
_FRAME_HEIGHT = 720


class Document(Generic[Data]):
    """What all documents have: their data, the JSON they come from, the program's own pages."""

    data: Data
    """Dataclasses generated from the JSON schema: its fields in snake case, times in
    microseconds, shares in percent."""
    raw: dict[str, Any]
    """The document as in its JSON schema."""

    def __init__(self, data: Data, raw: dict[str, Any]) -> None:
        self.data = data
        self.raw = raw

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The document as ``--format json`` prints it; also written to ``path`` if given."""
        return _written(json.dumps(self.raw, ensure_ascii=False, indent=2) + "\n", path)

    def to_text(self, path: str | os.PathLike[str] | None = None) -> str:
        """The page that the command prints."""
        return _written(self._page("text"), path)

    def to_markdown(self, path: str | os.PathLike[str] | None = None) -> str:
        """The page as GitHub-flavoured Markdown."""
        return _written(self._page("markdown"), path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One page for the browser that needs no other file."""
        return _written(self._page("html"), path)

    def _page(self, form: Format) -> str:
        from ._run import run_text

        text, _ = run_text(["show", "-", "--format", form], stdin=self.to_json().encode())
        return text

    def _repr_html_(self) -> str:
        # In a frame of its own: the page's styles and scripts stay off the notebook's.
        page = escape(self.to_html(), quote=True)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts allow-popups" '
            f'style="width: 100%; height: {_FRAME_HEIGHT}px; border: 0"></iframe>'
        )


class Report(Document[report_schema.Report]):
    """One trace's report; the tables of all its stages come as frames."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Report:
        return cls(report_schema.Report.from_json(raw), raw)

    def kernels(self, engine: Engine | None = None) -> Any:
        """One row for each kernel and stage, longest first."""
        return self._frame("kernels", engine)

    def fusions(self, engine: Engine | None = None) -> Any:
        """One row for each known fusion that was found active, split or partial."""
        return self._frame("fusions", engine)

    def overlap(self, engine: Engine | None = None) -> Any:
        """One row for each kernel whose time could be hidden, or is hidden already."""
        return self._frame("overlap", engine)

    def ledger(self, engine: Engine | None = None) -> Any:
        """Where each stage's time went; of one stage the rows add up to its wall time."""
        return self._frame("ledger", engine)

    def actions(self, engine: Engine | None = None) -> Any:
        """What to do, best first, and what the step becomes shorter by at most."""
        return self._frame("actions", engine)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """A table without pandas or polars: each row a flat dict."""
        return rows_of(self.raw, table)

    def _frame(self, table: Table, engine: Engine | None) -> Any:
        return frame(self.raw, table, engine)

    def __repr__(self) -> str:
        stages = ", ".join(stage.stage for stage in self.data.stages)
        first = "".join(f"; first: {action.title}" for action in self.data.actions[:1])
        return f"<Report {self.data.framework} {self.data.model or 'unknown model'}: {stages}{first}>"


class Diff(Document[diff_schema.Diff]):
    """What changed between two traces beyond noise."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Diff:
        return cls(diff_schema.Diff.from_json(raw), raw)


class RanksReport(Document[ranks_schema.RanksReport]):
    """Ranks of one job side by side."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> RanksReport:
        return cls(ranks_schema.RanksReport.from_json(raw), raw)


class FleetReport(Document[fleet_schema.FleetReport]):
    """What the digests of many builds tell together."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> FleetReport:
        return cls(fleet_schema.FleetReport.from_json(raw), raw)


class Explanation(Document[explanation_schema.Explanation]):
    """All behind one row of a report."""

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Explanation:
        return cls(explanation_schema.Explanation.from_json(raw), raw)


def report_of(data: Any, place: str | None = None) -> Report:
    """:raises TriageError: for JSON that is no report of this version."""
    expected = report_schema.SCHEMA_VERSION
    version = data.get("schemaVersion") if isinstance(data, dict) else None
    if version != expected:
        raise TriageError(
            f"Version {version} of the report, {expected} expected."
            if version is not None
            else "This is no report.",
            code="report/version",
            hint="Write it again with this version: triage TRACE --format json -o FILE.",
            place=place,
            exit=3,
        )
    try:
        return Report.from_json(data)
    except (KeyError, TypeError) as error:
        raise TriageError(
            f"Not as the schema of reports says: {error!r}.",
            code="report/invalid",
            hint="Write it again with this version: triage TRACE --format json -o FILE.",
            place=place,
            exit=3,
        ) from error


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is not None:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return text
