"""Generated from references/fleet.schema.json by `npm run python:types`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["FleetReport"]

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Tool:
    name: str
    version: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tool:
        return cls(
            name=data["name"],
            version=data["version"],
        )


@dataclass(frozen=True)
class Build:
    build: str
    digests: int
    rules: list[str]
    """Digests of the rules that judged."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Build:
        return cls(
            build=data["build"],
            digests=data["digests"],
            rules=data["rules"],
        )


@dataclass(frozen=True)
class ChangeFact:
    name: str
    from_: str | None
    to: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ChangeFact:
        return cls(
            name=data["name"],
            from_=data["from"],
            to=data["to"],
        )


@dataclass(frozen=True)
class Change:
    model: str | None
    gpu: str | None
    framework: str | None
    stage: str
    before: str
    after: str
    facts: list[ChangeFact]
    """Facts of the stage with other values; null where none of the build's digests tells one."""
    is_other_rules: bool
    """Other rules judged: a flip may be theirs."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Change:
        return cls(
            model=data["model"],
            gpu=data["gpu"],
            framework=data["framework"],
            stage=data["stage"],
            before=data["before"],
            after=data["after"],
            facts=[ChangeFact.from_json(item) for item in data["facts"]],
            is_other_rules=data["isOtherRules"],
        )


@dataclass(frozen=True)
class Flip:
    model: str | None
    gpu: str | None
    framework: str | None
    stage: str
    rule: str
    before: str
    after: str
    from_: str
    """States over the build's digests; "absent" where the rule matched in none."""
    to: str
    is_other_rules: bool

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Flip:
        return cls(
            model=data["model"],
            gpu=data["gpu"],
            framework=data["framework"],
            stage=data["stage"],
            rule=data["rule"],
            before=data["before"],
            after=data["after"],
            from_=data["from"],
            to=data["to"],
            is_other_rules=data["isOtherRules"],
        )


@dataclass(frozen=True)
class Slower:
    model: str | None
    gpu: str | None
    framework: str | None
    stage: str
    name: str
    short_name: str
    before: str
    after: str
    from_us: float
    """Median launch, median over digests."""
    to_us: float
    noise_us: float
    """A smaller difference would be chance."""
    growth_pct: float
    per_step_us: float | None
    """What a step pays for it; null where steps are not known."""
    other_work: list[str]
    """Facts of the work itself that changed with it: it may be slower by right."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Slower:
        return cls(
            model=data["model"],
            gpu=data["gpu"],
            framework=data["framework"],
            stage=data["stage"],
            name=data["name"],
            short_name=data["shortName"],
            before=data["before"],
            after=data["after"],
            from_us=data["fromUs"],
            to_us=data["toUs"],
            noise_us=data["noiseUs"],
            growth_pct=data["growthPct"],
            per_step_us=data["perStepUs"],
            other_work=data["otherWork"],
        )


@dataclass(frozen=True)
class LeftPart:
    part: str
    """compute, communication, copies or idle."""
    pct: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LeftPart:
        return cls(
            part=data["part"],
            pct=data["pct"],
        )


@dataclass(frozen=True)
class Left:
    model: str | None
    gpu: str | None
    framework: str | None
    stage: str
    build: str
    """The newest that has the combination."""
    digests: int
    saves_pct: float
    """The largest single action's part of a step, median over digests."""
    saves_us: float | None
    action: str | None
    parts: list[LeftPart]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Left:
        return cls(
            model=data["model"],
            gpu=data["gpu"],
            framework=data["framework"],
            stage=data["stage"],
            build=data["build"],
            digests=data["digests"],
            saves_pct=data["savesPct"],
            saves_us=data["savesUs"],
            action=data["action"],
            parts=[LeftPart.from_json(item) for item in data["parts"]],
        )


@dataclass(frozen=True)
class StepBuild:
    build: str
    step_us: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StepBuild:
        return cls(
            build=data["build"],
            step_us=data["stepUs"],
        )


@dataclass(frozen=True)
class Step:
    model: str | None
    gpu: str | None
    framework: str | None
    stage: str
    builds: list[StepBuild]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Step:
        return cls(
            model=data["model"],
            gpu=data["gpu"],
            framework=data["framework"],
            stage=data["stage"],
            builds=[StepBuild.from_json(item) for item in data["builds"]],
        )


@dataclass(frozen=True)
class Damaged:
    path: str
    problem: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Damaged:
        return cls(
            path=data["path"],
            problem=data["problem"],
        )


@dataclass(frozen=True)
class FleetReport:
    """Output of `triage fleet --format json`: what the digests of many builds tell together. Builds that follow each other by name are compared, per model, GPU, engine and stage. Times are microseconds."""

    schema_version: Literal[1]
    """Raised when a field changes meaning or goes."""
    tool: Tool
    builds: list[Build]
    """In order of their names, numbers in them by value."""
    changes: list[Change]
    """Every pair of builds that was compared."""
    flips: list[Flip]
    """Rules whose states differ."""
    slower: list[Slower]
    """Kernels that got slower beyond noise, what costs a step most first."""
    left: list[Left]
    """What is left on the table, most first."""
    steps: list[Step]
    """The median step of every build."""
    damaged: list[Damaged]
    """Files that are no whole digest."""
    summary: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FleetReport:
        return cls(
            schema_version=data["schemaVersion"],
            tool=Tool.from_json(data["tool"]),
            builds=[Build.from_json(item) for item in data["builds"]],
            changes=[Change.from_json(item) for item in data["changes"]],
            flips=[Flip.from_json(item) for item in data["flips"]],
            slower=[Slower.from_json(item) for item in data["slower"]],
            left=[Left.from_json(item) for item in data["left"]],
            steps=[Step.from_json(item) for item in data["steps"]],
            damaged=[Damaged.from_json(item) for item in data["damaged"]],
            summary=data["summary"],
        )
