"""Generated from references/diff.schema.json by `npm run python:types`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Diff"]

SCHEMA_VERSION = 3


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
class Side:
    traces: list[str]
    framework: str
    model: str | None
    gpu: str | None
    rules_digest: str
    health: list[str]
    """What contradicts itself in the recording, in words."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Side:
        return cls(
            traces=data["traces"],
            framework=data["framework"],
            model=data["model"],
            gpu=data["gpu"],
            rules_digest=data["rulesDigest"],
            health=data["health"],
        )


@dataclass(frozen=True)
class Warning:
    code: str
    message: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Warning:
        return cls(
            code=data["code"],
            message=data["message"],
        )


@dataclass(frozen=True)
class Thresholds:
    """Smaller differences are negligible."""

    min_change_pct: float
    min_change_us: float
    min_stage_pct: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Thresholds:
        return cls(
            min_change_pct=data["minChangePct"],
            min_change_us=data["minChangeUs"],
            min_stage_pct=data["minStagePct"],
        )


@dataclass(frozen=True)
class Verdict:
    change: Literal["slower", "faster", "mixed", "within-noise", "inconclusive", "identical", "not-comparable"]
    text: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        return cls(
            change=data["change"],
            text=data["text"],
        )


@dataclass(frozen=True)
class StageVerdict:
    change: Literal["slower", "faster", "mixed", "within-noise", "inconclusive", "identical", "not-comparable"]
    pct: float | None
    delta_us: float | None
    by: Literal["stepTime", "gpuTime", "total"] | None
    """Metric that decided; total where steps are too few and the stage's GPU time did."""
    text: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageVerdict:
        return cls(
            change=data["change"],
            pct=data["pct"],
            delta_us=data["deltaUs"],
            by=data["by"],
            text=data["text"],
        )


@dataclass(frozen=True)
class StageSteps:
    before: int
    after: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageSteps:
        return cls(
            before=data["before"],
            after=data["after"],
        )


@dataclass(frozen=True)
class Spread:
    median_us: float
    p10_us: float
    p90_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Spread:
        return cls(
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
        )


@dataclass(frozen=True)
class Metric:
    metric: Literal["stepTime", "gpuTime", "busy", "idle", "exposedComm"]
    before: Spread
    after: Spread
    delta_us: float
    pct: float | None
    """Null where before is 0."""
    noise_us: float | None
    """Up to this a difference may be chance; null with too few steps."""
    change: Literal["slower", "faster", "within-noise", "negligible", "inconclusive"]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Metric:
        return cls(
            metric=data["metric"],
            before=Spread.from_json(data["before"]),
            after=Spread.from_json(data["after"]),
            delta_us=data["deltaUs"],
            pct=data["pct"],
            noise_us=data["noiseUs"],
            change=data["change"],
        )


@dataclass(frozen=True)
class StageTotal:
    total: Literal["gpuTimeUs", "busyUs", "idleUs", "commUs", "exposedCommUs", "memoryUs"]
    before_us: float
    after_us: float
    delta_us: float
    pct: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageTotal:
        return cls(
            total=data["total"],
            before_us=data["beforeUs"],
            after_us=data["afterUs"],
            delta_us=data["deltaUs"],
            pct=data["pct"],
        )


@dataclass(frozen=True)
class StageRequestsBefore:
    context: float | None
    context_tokens: float | None
    generation: float | None
    batch: float | None
    tokens: float | None
    graphs: bool | None
    phase: Literal["draft", "verify"] | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRequestsBefore:
        return cls(
            context=data["context"],
            context_tokens=data["contextTokens"],
            generation=data["generation"],
            batch=data["batch"],
            tokens=data["tokens"],
            graphs=data["graphs"],
            phase=data["phase"],
        )


@dataclass(frozen=True)
class StageRequestsAfter:
    context: float | None
    context_tokens: float | None
    generation: float | None
    batch: float | None
    tokens: float | None
    graphs: bool | None
    phase: Literal["draft", "verify"] | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRequestsAfter:
        return cls(
            context=data["context"],
            context_tokens=data["contextTokens"],
            generation=data["generation"],
            batch=data["batch"],
            tokens=data["tokens"],
            graphs=data["graphs"],
            phase=data["phase"],
        )


@dataclass(frozen=True)
class StageRequests:
    """What a step works on."""

    before: StageRequestsBefore
    after: StageRequestsAfter

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRequests:
        return cls(
            before=StageRequestsBefore.from_json(data["before"]),
            after=StageRequestsAfter.from_json(data["after"]),
        )


@dataclass(frozen=True)
class StagePerToken:
    """GPU time of a token; null where steps hold equally many, or where that is no fair measure."""

    before_us: float
    after_us: float
    pct: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePerToken:
        return cls(
            before_us=data["beforeUs"],
            after_us=data["afterUs"],
            pct=data["pct"],
        )


@dataclass(frozen=True)
class StagePhaseSteps:
    before: int
    after: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePhaseSteps:
        return cls(
            before=data["before"],
            after=data["after"],
        )


@dataclass(frozen=True)
class StagePhaseKernel:
    name: str
    short_name: str
    before_us: float | None
    after_us: float | None
    delta_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePhaseKernel:
        return cls(
            name=data["name"],
            short_name=data["shortName"],
            before_us=data["beforeUs"],
            after_us=data["afterUs"],
            delta_us=data["deltaUs"],
        )


@dataclass(frozen=True)
class StagePhase:
    phase: Literal["draft", "verify", "plain"]
    steps: StagePhaseSteps
    before: Spread
    after: Spread
    delta_us: float
    pct: float | None
    noise_us: float | None
    change: Literal["slower", "faster", "within-noise", "negligible", "inconclusive"]
    kernels: list[StagePhaseKernel]
    """Where the change lies: kernels by what they add to a step of the phase, most first."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePhase:
        return cls(
            phase=data["phase"],
            steps=StagePhaseSteps.from_json(data["steps"]),
            before=Spread.from_json(data["before"]),
            after=Spread.from_json(data["after"]),
            delta_us=data["deltaUs"],
            pct=data["pct"],
            noise_us=data["noiseUs"],
            change=data["change"],
            kernels=[StagePhaseKernel.from_json(item) for item in data["kernels"]],
        )


@dataclass(frozen=True)
class StagePerLayer:
    """Time of a layer; null where both are equally deep."""

    before_us: float
    after_us: float
    pct: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePerLayer:
        return cls(
            before_us=data["beforeUs"],
            after_us=data["afterUs"],
            pct=data["pct"],
        )


@dataclass(frozen=True)
class StageUniform:
    """All kernels took about as much longer or shorter, none by its own. Null elsewhere."""

    pct: float
    kernels: list[str]
    of: int
    """How many were compared."""
    why: str
    """"clock or power", else what else differs between the sides, or that it is too much for a clock."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageUniform:
        return cls(
            pct=data["pct"],
            kernels=data["kernels"],
            of=data["of"],
            why=data["why"],
        )


@dataclass(frozen=True)
class StageOutlier:
    side: Literal["before", "after"]
    kernel: str
    max_us: float
    median_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageOutlier:
        return cls(
            side=data["side"],
            kernel=data["kernel"],
            max_us=data["maxUs"],
            median_us=data["medianUs"],
        )


@dataclass(frozen=True)
class StageIdleCause:
    cause: Literal["host-launch", "host-pause", "synchronisation", "graph-launch", "hole", "other"]
    before_us: float
    after_us: float
    delta_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageIdleCause:
        return cls(
            cause=data["cause"],
            before_us=data["beforeUs"],
            after_us=data["afterUs"],
            delta_us=data["deltaUs"],
        )


@dataclass(frozen=True)
class StageHostIdlePct:
    """Share of the stage in which the GPU waited for the host."""

    before: float
    after: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageHostIdlePct:
        return cls(
            before=data["before"],
            after=data["after"],
        )


@dataclass(frozen=True)
class KernelSide:
    pct_of_limit: float | None
    bound_by: Literal["compute", "memory", "link"] | None
    name: str
    short_name: str
    category: str
    launches: int
    launches_per_step: float
    per_step_us: float
    median_us: float
    p10_us: float
    p90_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelSide:
        return cls(
            pct_of_limit=data["pctOfLimit"],
            bound_by=data["boundBy"],
            name=data["name"],
            short_name=data["shortName"],
            category=data["category"],
            launches=data["launches"],
            launches_per_step=data["launchesPerStep"],
            per_step_us=data["perStepUs"],
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
        )


@dataclass(frozen=True)
class Kernel:
    change: Literal["slower", "faster", "within-noise", "negligible", "inconclusive", "replaced", "appeared", "vanished", "more-launches", "fewer-launches"]
    before: KernelSide | None
    after: KernelSide | None
    median_delta_us: float | None
    """Of one launch."""
    median_pct: float | None
    noise_us: float | None
    per_step_delta_us: float
    """What the change adds to a step."""
    explained_by: str | None
    """Rule whose change of state accounts for it."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Kernel:
        return cls(
            change=data["change"],
            before=None if data["before"] is None else KernelSide.from_json(data["before"]),
            after=None if data["after"] is None else KernelSide.from_json(data["after"]),
            median_delta_us=data["medianDeltaUs"],
            median_pct=data["medianPct"],
            noise_us=data["noiseUs"],
            per_step_delta_us=data["perStepDeltaUs"],
            explained_by=data["explainedBy"],
        )


@dataclass(frozen=True)
class PositionSide:
    position: int
    kernel: str
    short_name: str
    category: str
    role: str | None
    location: str | None
    launches: int
    median_us: float
    p10_us: float
    p90_us: float
    gap_us: float
    """Median gap before it; negative where it overlaps its predecessor."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PositionSide:
        return cls(
            position=data["position"],
            kernel=data["kernel"],
            short_name=data["shortName"],
            category=data["category"],
            role=data["role"],
            location=data["location"],
            launches=data["launches"],
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
            gap_us=data["gapUs"],
        )


@dataclass(frozen=True)
class Position:
    change: Literal["slower", "faster", "within-noise", "negligible", "inconclusive", "replaced", "appeared", "vanished", "more-launches", "fewer-launches"]
    before: PositionSide | None
    after: PositionSide | None
    median_delta_us: float | None
    median_pct: float | None
    noise_us: float | None
    gap_delta_us: float | None
    gap_change: Literal["slower", "faster", "within-noise", "negligible", "inconclusive"] | None
    explained_by: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Position:
        return cls(
            change=data["change"],
            before=None if data["before"] is None else PositionSide.from_json(data["before"]),
            after=None if data["after"] is None else PositionSide.from_json(data["after"]),
            median_delta_us=data["medianDeltaUs"],
            median_pct=data["medianPct"],
            noise_us=data["noiseUs"],
            gap_delta_us=data["gapDeltaUs"],
            gap_change=data["gapChange"],
            explained_by=data["explainedBy"],
        )


@dataclass(frozen=True)
class Rule:
    rule: str
    title: str
    status: Literal["mainline", "in-flight", "experimental", "deprecated"]
    change: Literal["lost", "replaced", "gained", "new-opportunity", "gone", "changed", "not-judged"]
    replaced_by: str | None
    before: Literal["active", "partial", "split"] | None
    after: Literal["active", "partial", "split"] | None
    share_pct: float
    sources: list[str]
    advice: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rule:
        return cls(
            rule=data["rule"],
            title=data["title"],
            status=data["status"],
            change=data["change"],
            replaced_by=data["replacedBy"],
            before=data["before"],
            after=data["after"],
            share_pct=data["sharePct"],
            sources=data["sources"],
            advice=data["advice"],
        )


@dataclass(frozen=True)
class StageTimesFloor:
    """kernel time with a known floor over that floor"""

    before: float | None
    after: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageTimesFloor:
        return cls(
            before=data["before"],
            after=data["after"],
        )


@dataclass(frozen=True)
class Stage:
    stage: Literal["prefill", "decode", "mixed", "all"]
    verdict: StageVerdict
    steps: StageSteps
    metrics: list[Metric]
    """Medians of a step; empty where a side has no steps."""
    totals: list[StageTotal] | None
    """The stage as a whole, work of no step included; null where the numbers of steps differ."""
    requests: StageRequests
    """What a step works on."""
    per_token: StagePerToken | None
    """GPU time of a token; null where steps hold equally many, or where that is no fair measure."""
    phases: list[StagePhase]
    """Phases of speculative decoding that both sides have."""
    per_layer: StagePerLayer | None
    """Time of a layer; null where both are equally deep."""
    uniform: StageUniform | None
    """All kernels took about as much longer or shorter, none by its own. Null elsewhere."""
    outliers: list[StageOutlier]
    """Launches that took far longer than the others of their kernel."""
    idle_causes: list[StageIdleCause]
    """Mean idle of a step by cause."""
    host_idle_pct: StageHostIdlePct
    """Share of the stage in which the GPU waited for the host."""
    launch_ratio: float
    """Launches of a step, after by before, of the kernels both have."""
    kernels: list[Kernel]
    """By name, what changes a step most first."""
    positions: list[Position]
    """Positions of the repeated layer, paired in its order."""
    rules: list[Rule]
    """Rules whose state is another one."""
    times_floor: StageTimesFloor
    """kernel time with a known floor over that floor"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Stage:
        return cls(
            stage=data["stage"],
            verdict=StageVerdict.from_json(data["verdict"]),
            steps=StageSteps.from_json(data["steps"]),
            metrics=[Metric.from_json(item) for item in data["metrics"]],
            totals=None if data["totals"] is None else [StageTotal.from_json(item) for item in data["totals"]],
            requests=StageRequests.from_json(data["requests"]),
            per_token=None if data["perToken"] is None else StagePerToken.from_json(data["perToken"]),
            phases=[StagePhase.from_json(item) for item in data["phases"]],
            per_layer=None if data["perLayer"] is None else StagePerLayer.from_json(data["perLayer"]),
            uniform=None if data["uniform"] is None else StageUniform.from_json(data["uniform"]),
            outliers=[StageOutlier.from_json(item) for item in data["outliers"]],
            idle_causes=[StageIdleCause.from_json(item) for item in data["idleCauses"]],
            host_idle_pct=StageHostIdlePct.from_json(data["hostIdlePct"]),
            launch_ratio=data["launchRatio"],
            kernels=[Kernel.from_json(item) for item in data["kernels"]],
            positions=[Position.from_json(item) for item in data["positions"]],
            rules=[Rule.from_json(item) for item in data["rules"]],
            times_floor=StageTimesFloor.from_json(data["timesFloor"]),
        )


@dataclass(frozen=True)
class Budget:
    budget: str
    failed: bool
    reason: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Budget:
        return cls(
            budget=data["budget"],
            failed=data["failed"],
            reason=data["reason"],
        )


@dataclass(frozen=True)
class Diff:
    """What `triage diff --format json` prints: two reports compared, per stage and step. Times are microseconds; percentages are of before."""

    schema_version: Literal[3]
    """Raised when a field changes meaning or goes."""
    tool: Tool
    before: Side
    after: Side
    warnings: list[Warning]
    """What makes the comparison doubtful."""
    doubtful: bool
    """True where there are warnings."""
    min_share_pct: float
    """Rows below this share of a stage's GPU time were not compared."""
    thresholds: Thresholds
    """Smaller differences are negligible."""
    verdict: Verdict
    only_before: list[Literal["prefill", "decode", "mixed", "all"]]
    """Stages that only before has."""
    only_after: list[Literal["prefill", "decode", "mixed", "all"]]
    """Stages that only after has."""
    stages: list[Stage]
    budgets: list[Budget]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Diff:
        return cls(
            schema_version=data["schemaVersion"],
            tool=Tool.from_json(data["tool"]),
            before=Side.from_json(data["before"]),
            after=Side.from_json(data["after"]),
            warnings=[Warning.from_json(item) for item in data["warnings"]],
            doubtful=data["doubtful"],
            min_share_pct=data["minSharePct"],
            thresholds=Thresholds.from_json(data["thresholds"]),
            verdict=Verdict.from_json(data["verdict"]),
            only_before=data["onlyBefore"],
            only_after=data["onlyAfter"],
            stages=[Stage.from_json(item) for item in data["stages"]],
            budgets=[Budget.from_json(item) for item in data["budgets"]],
        )
