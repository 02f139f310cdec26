"""Generated from references/ranks.schema.json by `npm run python:types`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["RanksReport"]

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
class Rank:
    label: str
    """What the stages call it: its rank, else its file's name."""
    rank: int | None
    paths: list[str]
    state: Literal["complete", "partial", "unreadable"]
    problem: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rank:
        return cls(
            label=data["label"],
            rank=data["rank"],
            paths=data["paths"],
            state=data["state"],
            problem=data["problem"],
        )


@dataclass(frozen=True)
class Spread:
    median_us: float
    """Microseconds."""
    p10_us: float
    """Microseconds."""
    p90_us: float
    """Microseconds."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Spread:
        return cls(
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
        )


@dataclass(frozen=True)
class StageRankPerStep:
    """Medians over the steps; null where no step has GPU work."""

    gpu_time_us: float
    busy_us: float
    idle_us: float
    compute_us: float
    comm_us: float
    exposed_comm_us: float
    waiting_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRankPerStep:
        return cls(
            gpu_time_us=data["gpuTimeUs"],
            busy_us=data["busyUs"],
            idle_us=data["idleUs"],
            compute_us=data["computeUs"],
            comm_us=data["commUs"],
            exposed_comm_us=data["exposedCommUs"],
            waiting_us=data["waitingUs"],
        )


@dataclass(frozen=True)
class StageRank:
    label: str
    steps: int
    step: Spread | None
    own_step: Spread | None
    """Without waiting for other ranks in collectives."""
    gpu_time_us: float
    """Microseconds."""
    busy_us: float
    """Microseconds."""
    idle_us: float
    """Microseconds."""
    compute_us: float
    """Microseconds."""
    comm_us: float
    """Microseconds."""
    exposed_comm_us: float
    """Microseconds."""
    waiting_us: float
    """Time in matched collectives beyond the shortest of each."""
    batch: float | None
    """Requests of a step; null where the trace does not tell."""
    per_step: StageRankPerStep | None
    """Medians over the steps; null where no step has GPU work."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRank:
        return cls(
            label=data["label"],
            steps=data["steps"],
            step=None if data["step"] is None else Spread.from_json(data["step"]),
            own_step=None if data["ownStep"] is None else Spread.from_json(data["ownStep"]),
            gpu_time_us=data["gpuTimeUs"],
            busy_us=data["busyUs"],
            idle_us=data["idleUs"],
            compute_us=data["computeUs"],
            comm_us=data["commUs"],
            exposed_comm_us=data["exposedCommUs"],
            waiting_us=data["waitingUs"],
            batch=data["batch"],
            per_step=None if data["perStep"] is None else StageRankPerStep.from_json(data["perStep"]),
        )


@dataclass(frozen=True)
class StageStragglerLoss:
    category: str
    """Category of a kernel, or idle."""
    kernel: str | None
    us: float
    """Microseconds."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageStragglerLoss:
        return cls(
            category=data["category"],
            kernel=data["kernel"],
            us=data["us"],
        )


@dataclass(frozen=True)
class StageStraggler:
    label: str
    waited_for_in: str | None
    """Collective in which the others mostly wait for it; null where there is none."""
    batch: str | None
    """Where it runs on another number of requests than the others."""
    slower_by_us: float
    """Per step, median over the steps."""
    slower_by_pct: float
    noise_us: float
    """Microseconds."""
    uniform_pct: float | None
    """By how much all its kernels take longer: clock or power; null where each has its own reason."""
    losses: list[StageStragglerLoss]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageStraggler:
        return cls(
            label=data["label"],
            waited_for_in=data["waitedForIn"],
            batch=data["batch"],
            slower_by_us=data["slowerByUs"],
            slower_by_pct=data["slowerByPct"],
            noise_us=data["noiseUs"],
            uniform_pct=data["uniformPct"],
            losses=[StageStragglerLoss.from_json(item) for item in data["losses"]],
        )


@dataclass(frozen=True)
class StageSlowGroup:
    labels: list[str]
    kernel: str
    collective: str | None
    longer_us: float
    usual_us: float
    per_step_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageSlowGroup:
        return cls(
            labels=data["labels"],
            kernel=data["kernel"],
            collective=data["collective"],
            longer_us=data["longerUs"],
            usual_us=data["usualUs"],
            per_step_us=data["perStepUs"],
        )


@dataclass(frozen=True)
class StageImbalanceLast:
    label: str
    times: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageImbalanceLast:
        return cls(
            label=data["label"],
            times=data["times"],
        )


@dataclass(frozen=True)
class StageImbalance:
    kernel: str
    collective: str | None
    waiting_pct: float
    per_step_us: float
    last: list[StageImbalanceLast]
    cause: Literal["experts", "unknown"]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageImbalance:
        return cls(
            kernel=data["kernel"],
            collective=data["collective"],
            waiting_pct=data["waitingPct"],
            per_step_us=data["perStepUs"],
            last=[StageImbalanceLast.from_json(item) for item in data["last"]],
            cause=data["cause"],
        )


@dataclass(frozen=True)
class StageLate:
    label: str
    steps: int
    of: int
    waiting_us: float
    """What one of the others waits in such a step, median."""
    is_complete: bool
    """False for a rank whose trace is cut."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageLate:
        return cls(
            label=data["label"],
            steps=data["steps"],
            of=data["of"],
            waiting_us=data["waitingUs"],
            is_complete=data["isComplete"],
        )


@dataclass(frozen=True)
class StageEarly:
    label: str
    faster_by_us: float
    batch: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageEarly:
        return cls(
            label=data["label"],
            faster_by_us=data["fasterByUs"],
            batch=data["batch"],
        )


@dataclass(frozen=True)
class StageViewPart:
    name: str
    labels: list[str]
    step_us: float | None
    """Median over its ranks of their median step; null where no rank has steps."""
    own_us: float | None
    """The same without waiting for other ranks."""
    waiting_us: float | None
    """The same of a step's waiting."""
    slowest: str | None
    """Rank with the longest own step; null where none is judged."""
    slower_by_pct: float | None
    """Own time against the median of the other parts."""
    is_slow: bool
    """All of its ranks are stragglers, and those of some other part are not."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageViewPart:
        return cls(
            name=data["name"],
            labels=data["labels"],
            step_us=data["stepUs"],
            own_us=data["ownUs"],
            waiting_us=data["waitingUs"],
            slowest=data["slowest"],
            slower_by_pct=data["slowerByPct"],
            is_slow=data["isSlow"],
        )


@dataclass(frozen=True)
class StageView:
    kind: str
    """"node", "tp", "pp", "dp", "ep", "cp", several of them, or "group of 8, every 4"."""
    from_: str
    """What tells the parts."""
    parts: list[StageViewPart]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageView:
        return cls(
            kind=data["kind"],
            from_=data["from"],
            parts=[StageViewPart.from_json(item) for item in data["parts"]],
        )


@dataclass(frozen=True)
class StagePipeline:
    stage: int
    labels: list[str]
    work_us: float
    bubble_us: float
    bubble_pct: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePipeline:
        return cls(
            stage=data["stage"],
            labels=data["labels"],
            work_us=data["workUs"],
            bubble_us=data["bubbleUs"],
            bubble_pct=data["bubblePct"],
        )


@dataclass(frozen=True)
class StageCollectiveRank:
    label: str
    launches: int
    total_us: float
    """Of matched launches."""
    waiting_us: float
    """Microseconds."""
    waiting_pct: float
    last: int
    """Launches in which it alone was the shortest, hence the last to come."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageCollectiveRank:
        return cls(
            label=data["label"],
            launches=data["launches"],
            total_us=data["totalUs"],
            waiting_us=data["waitingUs"],
            waiting_pct=data["waitingPct"],
            last=data["last"],
        )


@dataclass(frozen=True)
class StageCollective:
    kernel: str
    short_name: str
    category: str
    collective: str | None
    group: str | None
    matched_by: Literal["sequence number", "group and order", "kernel name and order"]
    matched: int
    min_us: float
    """Microseconds."""
    median_us: float
    """Microseconds."""
    max_us: float
    """Microseconds."""
    moving_us: float
    """The shortest of each launch, summed."""
    waiting_us: float
    """Microseconds."""
    ranks: list[StageCollectiveRank]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageCollective:
        return cls(
            kernel=data["kernel"],
            short_name=data["shortName"],
            category=data["category"],
            collective=data["collective"],
            group=data["group"],
            matched_by=data["matchedBy"],
            matched=data["matched"],
            min_us=data["minUs"],
            median_us=data["medianUs"],
            max_us=data["maxUs"],
            moving_us=data["movingUs"],
            waiting_us=data["waitingUs"],
            ranks=[StageCollectiveRank.from_json(item) for item in data["ranks"]],
        )


@dataclass(frozen=True)
class StageTransfer:
    kernel: str
    from_: str
    to: str
    matched_by: Literal["peer", "ends"]
    """ends: no peer is recorded; both sides end together, the lower rank counts as the sender."""
    matched: int
    moving_us: float
    sender_waits_us: float
    receiver_waits_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageTransfer:
        return cls(
            kernel=data["kernel"],
            from_=data["from"],
            to=data["to"],
            matched_by=data["matchedBy"],
            matched=data["matched"],
            moving_us=data["movingUs"],
            sender_waits_us=data["senderWaitsUs"],
            receiver_waits_us=data["receiverWaitsUs"],
        )


@dataclass(frozen=True)
class StageLeftOut:
    kernel: str
    label: str
    us: float
    why: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageLeftOut:
        return cls(
            kernel=data["kernel"],
            label=data["label"],
            us=data["us"],
            why=data["why"],
        )


@dataclass(frozen=True)
class Stage:
    stage: Literal["prefill", "decode", "mixed", "all"]
    ranks: list[StageRank]
    not_judged: str | None
    """Why nobody can say who is slow; null where that is judged."""
    stragglers: list[StageStraggler]
    slow_groups: list[StageSlowGroup]
    """Groups in which a collective moves its data longer than in other groups."""
    imbalances: list[StageImbalance]
    """Collectives to which now one rank, now another comes last."""
    late: list[StageLate]
    """Ranks that the others wait for in some steps only, or that are cut and judged nowhere."""
    early: list[StageEarly]
    """Ranks that wait for all the others; empty where a rank is slow."""
    views: list[StageView]
    """By node and by process group; empty where nothing tells them, or all ranks are in one."""
    pipeline: list[StagePipeline]
    """Pipeline stages in order; empty without a pipeline."""
    collectives: list[StageCollective]
    transfers: list[StageTransfer]
    """Point-to-point transfers, sends paired with receives."""
    left_out: list[StageLeftOut]
    """Communication that is in none of the tables, with its time."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Stage:
        return cls(
            stage=data["stage"],
            ranks=[StageRank.from_json(item) for item in data["ranks"]],
            not_judged=data["notJudged"],
            stragglers=[StageStraggler.from_json(item) for item in data["stragglers"]],
            slow_groups=[StageSlowGroup.from_json(item) for item in data["slowGroups"]],
            imbalances=[StageImbalance.from_json(item) for item in data["imbalances"]],
            late=[StageLate.from_json(item) for item in data["late"]],
            early=[StageEarly.from_json(item) for item in data["early"]],
            views=[StageView.from_json(item) for item in data["views"]],
            pipeline=[StagePipeline.from_json(item) for item in data["pipeline"]],
            collectives=[StageCollective.from_json(item) for item in data["collectives"]],
            transfers=[StageTransfer.from_json(item) for item in data["transfers"]],
            left_out=[StageLeftOut.from_json(item) for item in data["leftOut"]],
        )


@dataclass(frozen=True)
class Remark:
    code: str
    message: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Remark:
        return cls(
            code=data["code"],
            message=data["message"],
        )


@dataclass(frozen=True)
class RanksReport:
    """Output of `triage ranks --format json`. Times are microseconds; everything is told from durations, no clock of a rank is compared with another's."""

    schema_version: Literal[3]
    tool: Tool
    ranks: list[Rank]
    """By rank; those that could not be read among them."""
    stages: list[Stage]
    summary: str
    remarks: list[Remark]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RanksReport:
        return cls(
            schema_version=data["schemaVersion"],
            tool=Tool.from_json(data["tool"]),
            ranks=[Rank.from_json(item) for item in data["ranks"]],
            stages=[Stage.from_json(item) for item in data["stages"]],
            summary=data["summary"],
            remarks=[Remark.from_json(item) for item in data["remarks"]],
        )
