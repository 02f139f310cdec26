"""Generated from references/report.schema.json by `npm run python:types`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Report"]

SCHEMA_VERSION = 3


@dataclass(frozen=True)
class Tool:
    """Program that wrote the report."""

    name: str
    version: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tool:
        return cls(
            name=data["name"],
            version=data["version"],
        )


@dataclass(frozen=True)
class Rules:
    """Rules the findings come from."""

    path: str
    """As given on the command line, or the bundled rules."""
    digest: str
    """sha256 over the sorted rule texts: equal digests mean equal rules."""
    edition: int
    """Edition of the rule language."""
    count: int
    """Rules loaded."""
    over: list[str] | None = None
    """Folders laid over it, weakest first; left out where there are none."""
    off: list[str] | None = None
    """Ids of rules that were left out on request; left out where there are none."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rules:
        return cls(
            path=data["path"],
            digest=data["digest"],
            edition=data["edition"],
            count=data["count"],
            over=data.get("over"),
            off=data.get("off"),
        )


@dataclass(frozen=True)
class Trace:
    path: str
    role: Literal["input", "mapping", "formal", "capture"]
    rank: int | None
    """Rank in the job; null when nothing tells."""
    events: int
    """Objects in traceEvents."""
    gpu_events: int
    """Kernels, copies and fills."""
    complete: bool
    """False when the file ended early or a part could not be read."""
    damage: str | None
    """What was wrong and where, when not complete."""
    choice: str | None
    """Why this file was picked among several."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Trace:
        return cls(
            path=data["path"],
            role=data["role"],
            rank=data["rank"],
            events=data["events"],
            gpu_events=data["gpuEvents"],
            complete=data["complete"],
            damage=data["damage"],
            choice=data["choice"],
        )


@dataclass(frozen=True)
class Gpu:
    """GPU the kernels ran on."""

    name: str | None
    """Device name; null when the trace leaves it empty."""
    vendor: Literal["nvidia", "amd", "unknown"]
    arch: str | None
    """sm90, sm100, gfx942, …"""
    count: int
    """Devices the trace lists."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Gpu:
        return cls(
            name=data["name"],
            vendor=data["vendor"],
            arch=data["arch"],
            count=data["count"],
        )


@dataclass(frozen=True)
class Parallel:
    """Parallel layout; null where nothing tells."""

    tp: int | None
    """Tensor-parallel size."""
    pp: int | None
    """Pipeline-parallel size."""
    dp: int | None
    """Data-parallel size."""
    ep: int | None
    """Expert-parallel size."""
    world_size: int | None
    """Ranks in the job."""
    from_: str | None
    """What told the sizes."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Parallel:
        return cls(
            tp=data["tp"],
            pp=data["pp"],
            dp=data["dp"],
            ep=data["ep"],
            world_size=data["worldSize"],
            from_=data["from"],
        )


@dataclass(frozen=True)
class ByMethod:
    """Percent of GPU time per method; they add up to 100."""

    none: float
    direct: float
    graph_capture: float
    mapping_sequence: float
    layer_context: float
    single_site_name: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ByMethod:
        return cls(
            none=data["none"],
            direct=data["direct"],
            graph_capture=data["graph-capture"],
            mapping_sequence=data["mapping-sequence"],
            layer_context=data["layer-context"],
            single_site_name=data["single-site-name"],
        )


@dataclass(frozen=True)
class Located:
    """How much GPU time has a place in the code, and how it was found."""

    pct: float
    """GPU time whose place in the code is known."""
    by_method: ByMethod

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Located:
        return cls(
            pct=data["pct"],
            by_method=ByMethod.from_json(data["byMethod"]),
        )


@dataclass(frozen=True)
class HealthFinding:
    kind: Literal["merged-ranks", "impossible-duration", "stray-time", "stray-host", "no-time", "launches-without-records", "records-without-launches", "repeated-events", "repeated-ids", "gpu-before-launch", "host-clocks-disagree", "side-by-side"]
    count: int
    """Events concerned."""
    us: float
    """GPU time concerned, as recorded."""
    where: str
    """Where in the trace."""
    remedy: str
    """What was done about it, and what to do."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> HealthFinding:
        return cls(
            kind=data["kind"],
            count=data["count"],
            us=data["us"],
            where=data["where"],
            remedy=data["remedy"],
        )


@dataclass(frozen=True)
class Health:
    """Whether the recording may be believed."""

    findings: list[HealthFinding]
    """What contradicts itself in the recording, worst first; each stands among the diagnostics too."""
    trusted: bool
    """False where a finding touches figures that could not be repaired."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Health:
        return cls(
            findings=[HealthFinding.from_json(item) for item in data["findings"]],
            trusted=data["trusted"],
        )


@dataclass(frozen=True)
class Saving:
    """What the stage becomes shorter by at most, over all its steps, found by re-timing it."""

    kernel_us: float
    gap_us: float
    pct_of_step: float
    """Of the stage's wall time without holes of the recording."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Saving:
        return cls(
            kernel_us=data["kernelUs"],
            gap_us=data["gapUs"],
            pct_of_step=data["pctOfStep"],
        )


@dataclass(frozen=True)
class ActionEvidenceKernel:
    id: str
    launches: int
    us: float
    leaves_us: float
    """What is left of it."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionEvidenceKernel:
        return cls(
            id=data["id"],
            launches=data["launches"],
            us=data["us"],
            leaves_us=data["leavesUs"],
        )


@dataclass(frozen=True)
class ActionEvidenceIdle:
    part: Literal["host", "host-pause", "sync", "before-graph", "graph-launch", "in-graph", "queued", "no-launch", "hole"]
    us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionEvidenceIdle:
        return cls(
            part=data["part"],
            us=data["us"],
        )


@dataclass(frozen=True)
class ActionEvidence:
    """What a saving is made of."""

    kernels: list[ActionEvidenceKernel]
    """Kernels that go or become shorter, most time first."""
    gpu_us: float
    """What the GPU does less: the sum of `us` less `leavesUs`. At least `saves.kernelUs`."""
    idle: list[ActionEvidenceIdle]
    """Idle time of the ledger that it takes, by part; empty where kernels speak for it."""
    idle_us: float | None
    """Idle time that it can take at most: at least `saves.gapUs`. Null where nothing bounds it but the step."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionEvidence:
        return cls(
            kernels=[ActionEvidenceKernel.from_json(item) for item in data["kernels"]],
            gpu_us=data["gpuUs"],
            idle=[ActionEvidenceIdle.from_json(item) for item in data["idle"]],
            idle_us=data["idleUs"],
        )


@dataclass(frozen=True)
class Source:
    """Where the knowledge comes from."""

    repo: str
    """Alias or owner/repo."""
    commit: str
    path: str
    symbol: str | None
    """Function or class in the file."""
    url: str
    """The file at that commit."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Source:
        return cls(
            repo=data["repo"],
            commit=data["commit"],
            path=data["path"],
            symbol=data["symbol"],
            url=data["url"],
        )


@dataclass(frozen=True)
class Action:
    id: str
    """Stable between runs."""
    kind: Literal["fusion", "limit", "overlap", "host", "sync", "copies", "small-kernels", "imbalance", "recording"]
    stage: Literal["prefill", "decode", "mixed", "all"]
    title: str
    do: str
    where: list[str]
    """Places in the code, most time first."""
    saves: Saving
    likely_us: float
    """What of the saving is likely, by which actions are ordered: where kernels come down to a limit of the machine, the part of it that kernels reach."""
    evidence: ActionEvidence
    after: str | None
    """Id of the action that must be done before this one saves what it says."""
    toggle: str | None
    proof: Literal["trace", "model", "assumed"]
    """Re-timed from this trace, from a model of the work, or on an assumption."""
    assuming: list[str]
    rule: str | None
    sources: list[Source]
    claims: list[str]
    """Kernels that no other action counts."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Action:
        return cls(
            id=data["id"],
            kind=data["kind"],
            stage=data["stage"],
            title=data["title"],
            do=data["do"],
            where=data["where"],
            saves=Saving.from_json(data["saves"]),
            likely_us=data["likelyUs"],
            evidence=ActionEvidence.from_json(data["evidence"]),
            after=data["after"],
            toggle=data["toggle"],
            proof=data["proof"],
            assuming=data["assuming"],
            rule=data["rule"],
            sources=[Source.from_json(item) for item in data["sources"]],
            claims=data["claims"],
        )


@dataclass(frozen=True)
class StageRequests:
    """What a step works on: medians over the steps that tell, null where none does."""

    context: float | None
    """Requests that are prefilled."""
    context_tokens: float | None
    """Their new tokens."""
    generation: float | None
    """Requests that decode."""
    batch: float | None
    """Requests of a step."""
    tokens: float | None
    """New tokens of all requests of a step."""
    graphs: bool | None
    """Whether kernels are replayed from CUDA or HIP graphs."""
    phase: Literal["draft", "verify"] | None
    """Of all steps; null where they differ or none drafts or verifies."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageRequests:
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
class Spread:
    median_us: float
    """Lower middle: a time that occurred."""
    p10_us: float
    """A tenth took at most this; the shortest of ten or fewer."""
    p90_us: float
    """Nine tenths took at most this; the longest of ten or fewer."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Spread:
        return cls(
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
        )


@dataclass(frozen=True)
class StagePhaseKernel:
    name: str
    short_name: str
    launches: float
    us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePhaseKernel:
        return cls(
            name=data["name"],
            short_name=data["shortName"],
            launches=data["launches"],
            us=data["us"],
        )


@dataclass(frozen=True)
class StagePhase:
    """Steps of one phase."""

    phase: Literal["draft", "verify", "plain"]
    steps: int
    """With GPU work."""
    duration: Spread
    gpu_time_us: float
    kernels: list[StagePhaseKernel]
    """What kernels take in a step of the phase, most first; those of next to nothing are left out."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StagePhase:
        return cls(
            phase=data["phase"],
            steps=data["steps"],
            duration=Spread.from_json(data["duration"]),
            gpu_time_us=data["gpuTimeUs"],
            kernels=[StagePhaseKernel.from_json(item) for item in data["kernels"]],
        )


@dataclass(frozen=True)
class StageOutsideSteps:
    """Work that no step launched; it counts in no figure of a step. Null without."""

    events: int
    unlaunched_events: int
    """Those of them whose launch is not recorded: a step may have launched them, before the recording began."""
    unlaunched_us: float
    before_us: float
    """Before the first step's work."""
    between_us: float
    after_us: float
    """After the last step's work."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageOutsideSteps:
        return cls(
            events=data["events"],
            unlaunched_events=data["unlaunchedEvents"],
            unlaunched_us=data["unlaunchedUs"],
            before_us=data["beforeUs"],
            between_us=data["betweenUs"],
            after_us=data["afterUs"],
        )


@dataclass(frozen=True)
class TimelineIdleCause:
    cause: Literal["host-launch", "host-pause", "synchronisation", "graph-launch", "hole", "other"]
    us: float
    """Idle time put down to it."""
    note: str | None
    """Detail worth telling."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TimelineIdleCause:
        return cls(
            cause=data["cause"],
            us=data["us"],
            note=data["note"],
        )


@dataclass(frozen=True)
class TimelineApartStep:
    index: int
    number: int
    """Within the stage, from 1."""
    label: str
    us: float
    """First start to last end."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TimelineApartStep:
        return cls(
            index=data["index"],
            number=data["number"],
            label=data["label"],
            us=data["us"],
        )


@dataclass(frozen=True)
class TimelineApartIdleCause:
    cause: Literal["host-launch", "host-pause", "synchronisation", "graph-launch", "hole", "other"]
    us: float
    """First start to last end."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TimelineApartIdleCause:
        return cls(
            cause=data["cause"],
            us=data["us"],
        )


@dataclass(frozen=True)
class TimelineApart:
    steps: list[TimelineApartStep]
    of: int
    """Steps of the stage with GPU work."""
    usual_us: float
    """First start to last end."""
    total_us: float
    """First start to last end."""
    idle_causes: list[TimelineApartIdleCause]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TimelineApart:
        return cls(
            steps=[TimelineApartStep.from_json(item) for item in data["steps"]],
            of=data["of"],
            usual_us=data["usualUs"],
            total_us=data["totalUs"],
            idle_causes=[TimelineApartIdleCause.from_json(item) for item in data["idleCauses"]],
        )


@dataclass(frozen=True)
class Timeline:
    total_us: float
    """First start to last end."""
    busy_us: float
    """At least one GPU event running."""
    idle_us: float
    """None running."""
    compute_us: float
    """Union of computation."""
    comm_us: float
    """Union of communication."""
    exposed_comm_us: float
    """Communication not under computation."""
    memory_us: float
    """Union of copies and fills."""
    exposed_memory_us: float
    """Copies and fills not under computation or communication."""
    gpu_time_us: float
    """Sum of GPU-event durations; overlaps count twice."""
    idle_causes: list[TimelineIdleCause]
    """Idle time by cause."""
    apart: TimelineApart | None
    """Steps that took a multiple of the usual: they decide no verdict."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Timeline:
        return cls(
            total_us=data["totalUs"],
            busy_us=data["busyUs"],
            idle_us=data["idleUs"],
            compute_us=data["computeUs"],
            comm_us=data["commUs"],
            exposed_comm_us=data["exposedCommUs"],
            memory_us=data["memoryUs"],
            exposed_memory_us=data["exposedMemoryUs"],
            gpu_time_us=data["gpuTimeUs"],
            idle_causes=[TimelineIdleCause.from_json(item) for item in data["idleCauses"]],
            apart=None if data["apart"] is None else TimelineApart.from_json(data["apart"]),
        )


@dataclass(frozen=True)
class StageStepTimesDeviation:
    """Median distance from each median: one cold, cut or disturbed step does not widen it."""

    duration: float
    gpu_time: float
    busy: float
    idle: float
    exposed_comm: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageStepTimesDeviation:
        return cls(
            duration=data["duration"],
            gpu_time=data["gpuTime"],
            busy=data["busy"],
            idle=data["idle"],
            exposed_comm=data["exposedComm"],
        )


@dataclass(frozen=True)
class StageStepTimes:
    """What single steps took on the GPU, of what steps launched alone. Of three or more the first is left out of duration and idle: how long the GPU waited for it is not in the trace. Null when no step has GPU work."""

    count: int
    """Steps with GPU work in this stage."""
    duration: Spread
    """Busy plus idle."""
    gpu_time: Spread
    """Sum of GPU-event durations."""
    busy: Spread
    """Union of GPU events."""
    idle: Spread
    """Until a kernel of the step ended it."""
    exposed_comm: Spread
    """Communication that no computation hides."""
    deviation: StageStepTimesDeviation
    """Median distance from each median: one cold, cut or disturbed step does not widen it."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageStepTimes:
        return cls(
            count=data["count"],
            duration=Spread.from_json(data["duration"]),
            gpu_time=Spread.from_json(data["gpuTime"]),
            busy=Spread.from_json(data["busy"]),
            idle=Spread.from_json(data["idle"]),
            exposed_comm=Spread.from_json(data["exposedComm"]),
            deviation=StageStepTimesDeviation.from_json(data["deviation"]),
        )


@dataclass(frozen=True)
class WorkRow:
    """One op and shape; FLOP and bytes of one call, times of all."""

    op: str
    kernels: list[str]
    dims: str
    types: str
    count: int
    kernel_us: float
    flop: float
    bytes: float
    rate: str
    bound_by: Literal["compute", "memory", "link"]
    tflops: float
    tbps: float
    floor_us: float | None
    pct_of_limit: float | None
    """Above 100 the inputs contradict each other."""
    usual_pct_of_limit: float | None
    """Above 100 the inputs contradict each other."""
    headroom_us: float | None
    at_least: bool
    shapes_from: Literal["op", "capture", "mapping", "model-config"]
    assuming: list[str]
    model: str | None
    fits_cache: bool
    """Its bytes fit into the machine's last cache, so that it may run faster than memory."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> WorkRow:
        return cls(
            op=data["op"],
            kernels=data["kernels"],
            dims=data["dims"],
            types=data["types"],
            count=data["count"],
            kernel_us=data["kernelUs"],
            flop=data["flop"],
            bytes=data["bytes"],
            rate=data["rate"],
            bound_by=data["boundBy"],
            tflops=data["tflops"],
            tbps=data["tbps"],
            floor_us=data["floorUs"],
            pct_of_limit=data["pctOfLimit"],
            usual_pct_of_limit=data["usualPctOfLimit"],
            headroom_us=data["headroomUs"],
            at_least=data["atLeast"],
            shapes_from=data["shapesFrom"],
            assuming=data["assuming"],
            model=data["model"],
            fits_cache=data["fitsCache"],
        )


@dataclass(frozen=True)
class LimitsUnmodelled:
    why: str
    us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LimitsUnmodelled:
        return cls(
            why=data["why"],
            us=data["us"],
        )


@dataclass(frozen=True)
class LimitsPeaksCompute:
    rate: str
    tflops: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LimitsPeaksCompute:
        return cls(
            rate=data["rate"],
            tflops=data["tflops"],
        )


@dataclass(frozen=True)
class LimitsPeaks:
    """What the machine can do at most: TB/s of memory and link, TFLOP/s by rate. Null where it is not known."""

    memory: float
    link: float
    compute: list[LimitsPeaksCompute]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LimitsPeaks:
        return cls(
            memory=data["memory"],
            link=data["link"],
            compute=[LimitsPeaksCompute.from_json(item) for item in data["compute"]],
        )


@dataclass(frozen=True)
class LimitsCollectives:
    """Time of collectives with a figure against what their messages need of the link. Null without any."""

    us: float
    floor_us: float | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LimitsCollectives:
        return cls(
            us=data["us"],
            floor_us=data["floorUs"],
        )


@dataclass(frozen=True)
class Limits:
    machine: str | None
    modelled_pct: float
    modelled_us: float
    floor_us: float | None
    times_floor: float | None
    at_least_us: float
    contradictions: int
    unmodelled: list[LimitsUnmodelled]
    peaks: LimitsPeaks | None
    """What the machine can do at most: TB/s of memory and link, TFLOP/s by rate. Null where it is not known."""
    collectives: LimitsCollectives | None
    """Time of collectives with a figure against what their messages need of the link. Null without any."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Limits:
        return cls(
            machine=data["machine"],
            modelled_pct=data["modelledPct"],
            modelled_us=data["modelledUs"],
            floor_us=data["floorUs"],
            times_floor=data["timesFloor"],
            at_least_us=data["atLeastUs"],
            contradictions=data["contradictions"],
            unmodelled=[LimitsUnmodelled.from_json(item) for item in data["unmodelled"]],
            peaks=None if data["peaks"] is None else LimitsPeaks.from_json(data["peaks"]),
            collectives=None if data["collectives"] is None else LimitsCollectives.from_json(data["collectives"]),
        )


@dataclass(frozen=True)
class LedgerRow:
    part: Literal["compute", "communication", "copies", "host", "host-pause", "sync", "before-graph", "graph-launch", "in-graph", "queued", "no-launch", "hole"]
    """Busy time: compute, communication no computation hides, copies and fills that neither hides. Idle time by where the host stood: late (host), long in something else (host-pause), waiting for the GPU (sync), before or in a graph launch call (before-graph, graph-launch), launched already (queued, in-graph), launch not recorded (no-launch), not explained for a millisecond or more (hole)."""
    reason: Literal["at-limit", "above-limit", "no-model", "fusion", "small-kernels", "outlier", "moving", "waiting"] | None
    """Of busy time: within or above the kernel's limit, no model of its work, removable by a fusion that did not happen, in a run of small kernels, an outlier's excess, communication that moves data or waits."""
    what: str | None
    """Kernel category, rule, host call or host activity."""
    us: float
    pct: float
    """Of the stage's wall time without holes; of a hole, of all of it."""
    of: list[str]
    """Kernels whose time it is; of idle time those that the GPU waited for."""
    us_of: list[float]
    """The time of each kernel of `of`, in that order; adds up to `us`."""
    pieces: int
    """Launches of busy time, gaps of idle time."""
    longest_us: float
    note: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LedgerRow:
        return cls(
            part=data["part"],
            reason=data["reason"],
            what=data["what"],
            us=data["us"],
            pct=data["pct"],
            of=data["of"],
            us_of=data["usOf"],
            pieces=data["pieces"],
            longest_us=data["longestUs"],
            note=data["note"],
        )


@dataclass(frozen=True)
class GapSpread:
    median_us: float
    """Lower middle: a time that occurred."""
    p10_us: float
    """A tenth took at most this; the shortest of ten or fewer."""
    p90_us: float
    """Nine tenths took at most this; the longest of ten or fewer."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> GapSpread:
        return cls(
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
        )


@dataclass(frozen=True)
class LayerKernel:
    position: int
    """Place within the layer."""
    lane: str
    """Stream the layers run on."""
    kernel: str
    """Demangled name of the kernel most often here."""
    short_name: str
    category: str
    category_from: Literal["class", "words", "op", "position"] | None
    """What told the category: a class of exact names, the words of the name, the CPU op, or the place among the neighbours; null for other."""
    role: str | None
    """What it does within the layer."""
    role_from: Literal["class", "op", "module", "position"] | None
    """What told the role: name, op, module or place among the neighbours."""
    role_ground: str | None
    """In words, where the place told it."""
    module: str | None
    """nn.Module path."""
    location: str | None
    """Place in the code that launches it."""
    launches: int
    """Launches of that kernel here, over layers and steps."""
    other_launches: int
    """Launches of other kernels here."""
    avg_us: float
    median_us: float
    """Lower middle: a time that occurred."""
    p10_us: float
    """A tenth took at most this; the shortest of ten or fewer."""
    p90_us: float
    """Nine tenths took at most this; the longest of ten or fewer."""
    gap_before: GapSpread
    """From the end of the lane's kernel before it to its start; negative where they overlap."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LayerKernel:
        return cls(
            position=data["position"],
            lane=data["lane"],
            kernel=data["kernel"],
            short_name=data["shortName"],
            category=data["category"],
            category_from=data["categoryFrom"],
            role=data["role"],
            role_from=data["roleFrom"],
            role_ground=data["roleGround"],
            module=data["module"],
            location=data["location"],
            launches=data["launches"],
            other_launches=data["otherLaunches"],
            avg_us=data["avgUs"],
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
            gap_before=GapSpread.from_json(data["gapBefore"]),
        )


@dataclass(frozen=True)
class StageLayers:
    """Repeated kernel period; null when there is none."""

    period: int
    """Kernels per layer."""
    count: int
    """Layers seen."""
    match_ratio: float
    """Positions equal to the one a period later."""
    template: list[LayerKernel]
    """What stands at every position of a layer."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> StageLayers:
        return cls(
            period=data["period"],
            count=data["count"],
            match_ratio=data["matchRatio"],
            template=[LayerKernel.from_json(item) for item in data["template"]],
        )


@dataclass(frozen=True)
class LayerRowSite:
    location: str | None
    """Place in the code that launches it."""
    module: str | None
    """nn.Module path."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LayerRowSite:
        return cls(
            location=data["location"],
            module=data["module"],
        )


@dataclass(frozen=True)
class LayerRow:
    position: int
    """Place within the layer."""
    kernel: str
    """Demangled name of the kernel most often here."""
    id: str
    """Row of `kernels` that it is part of."""
    category: str
    category_from: Literal["class", "words", "op", "position"] | None
    """What told the category: a class of exact names, the words of the name, the CPU op, or the place among the neighbours; null for other."""
    role: str | None
    """What it does within the layer."""
    role_from: Literal["class", "op", "module", "position"] | None
    """What told the role: name, op, module or place among the neighbours."""
    role_ground: str | None
    """In words, where the place told it."""
    median_us: float
    gap_us: float
    """Median of the lane's wait before it; negative where kernels overlap."""
    site: LayerRowSite | None
    """Code that launched it, null where the trace does not tell."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LayerRow:
        return cls(
            position=data["position"],
            kernel=data["kernel"],
            id=data["id"],
            category=data["category"],
            category_from=data["categoryFrom"],
            role=data["role"],
            role_from=data["roleFrom"],
            role_ground=data["roleGround"],
            median_us=data["medianUs"],
            gap_us=data["gapUs"],
            site=None if data["site"] is None else LayerRowSite.from_json(data["site"]),
        )


@dataclass(frozen=True)
class LayerReport:
    count: int
    """Layers seen."""
    period: int
    """Kernels per layer."""
    rows: list[LayerRow]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LayerReport:
        return cls(
            count=data["count"],
            period=data["period"],
            rows=[LayerRow.from_json(item) for item in data["rows"]],
        )


@dataclass(frozen=True)
class KernelRole:
    role: str
    from_: Literal["class", "op", "module", "position"]
    ground: str | None
    launches: int
    total_us: float
    """Sum of durations."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelRole:
        return cls(
            role=data["role"],
            from_=data["from"],
            ground=data["ground"],
            launches=data["launches"],
            total_us=data["totalUs"],
        )


@dataclass(frozen=True)
class KernelPerStep:
    """Launches and time in one step; work of no step does not count. Null where the stage has no step with GPU work."""

    launches: float
    us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelPerStep:
        return cls(
            launches=data["launches"],
            us=data["us"],
        )


@dataclass(frozen=True)
class KernelLimit:
    modelled_pct: float
    tflops: float
    tbps: float
    bound_by: Literal["compute", "memory", "link"]
    floor_us: float | None
    pct_of_limit: float | None
    """Above 100 the inputs contradict each other."""
    usual_pct_of_limit: float | None
    """Above 100 the inputs contradict each other."""
    headroom_us: float | None
    at_least: bool

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelLimit:
        return cls(
            modelled_pct=data["modelledPct"],
            tflops=data["tflops"],
            tbps=data["tbps"],
            bound_by=data["boundBy"],
            floor_us=data["floorUs"],
            pct_of_limit=data["pctOfLimit"],
            usual_pct_of_limit=data["usualPctOfLimit"],
            headroom_us=data["headroomUs"],
            at_least=data["atLeast"],
        )


@dataclass(frozen=True)
class Site:
    location: str | None
    """Python file:line."""
    function: str | None
    """Python function."""
    module: str | None
    """nn.Module path."""
    cpu_op: str | None
    """CPU op that launched it."""
    launches: int
    total_us: float
    """Time of the launches from here."""
    via: Literal["none", "direct", "graph-capture", "mapping-sequence", "layer-context", "single-site-name"]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Site:
        return cls(
            location=data["location"],
            function=data["function"],
            module=data["module"],
            cpu_op=data["cpuOp"],
            launches=data["launches"],
            total_us=data["totalUs"],
            via=data["via"],
        )


@dataclass(frozen=True)
class Kernel:
    id: str
    name: str
    """Demangled name, unique within the stage."""
    short_name: str
    """For people."""
    category: str
    """Category of the rule vocabulary."""
    category_from: Literal["class", "words", "op", "position"] | None
    """What told the category: a class of exact names, the words of the name, the CPU op, or the place among the neighbours; null for other."""
    role: str | None
    """Role of at least nine tenths of the launches; null where none is."""
    role_from: Literal["class", "op", "module", "position"] | None
    roles: list[KernelRole]
    """Every role the launches play, the most time first."""
    total_us: float
    """Sum of durations."""
    share_pct: float
    """Of the stage's gpuTimeUs."""
    launches: int
    avg_us: float
    """Mean duration."""
    min_us: float
    """Shortest."""
    max_us: float
    """Longest."""
    median_us: float
    """Lower middle: a time that occurred."""
    p10_us: float
    """A tenth of the launches took at most this; the shortest of ten or fewer."""
    p90_us: float
    """Nine tenths took at most this; the longest of ten or fewer."""
    per_step: KernelPerStep | None
    """Launches and time in one step; work of no step does not count. Null where the stage has no step with GPU work."""
    limit: KernelLimit | None
    """How far from what the machine can do; null where the work of none of its launches is known."""
    sites: list[Site]
    """Places that launched it, most time first."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Kernel:
        return cls(
            id=data["id"],
            name=data["name"],
            short_name=data["shortName"],
            category=data["category"],
            category_from=data["categoryFrom"],
            role=data["role"],
            role_from=data["roleFrom"],
            roles=[KernelRole.from_json(item) for item in data["roles"]],
            total_us=data["totalUs"],
            share_pct=data["sharePct"],
            launches=data["launches"],
            avg_us=data["avgUs"],
            min_us=data["minUs"],
            max_us=data["maxUs"],
            median_us=data["medianUs"],
            p10_us=data["p10Us"],
            p90_us=data["p90Us"],
            per_step=None if data["perStep"] is None else KernelPerStep.from_json(data["perStep"]),
            limit=None if data["limit"] is None else KernelLimit.from_json(data["limit"]),
            sites=[Site.from_json(item) for item in data["sites"]],
        )


@dataclass(frozen=True)
class Overlap:
    rule: str | None
    """Rule id; null when the timeline alone says it."""
    priority: str | None
    """P0 is most urgent."""
    verdict: str
    kernel: str
    of: list[str]
    """Its kernels, most time first."""
    category: str
    location: str | None
    """Place that launches it."""
    total_us: float
    """Sum of durations."""
    share_pct: float
    """Of the stage's GPU time."""
    exclusive_pct: float
    """Of its own time with nothing else running."""
    hidden_pct: float
    """Of its own time under other work."""
    save_at_most_us: float
    """What hiding it would take off the stage at most; 0 where the stage is launch-bound."""
    dependency_risk: Literal["low", "high", "unclear"]
    recommendation: str
    rationale: str
    status: Literal["mainline", "in-flight", "experimental", "deprecated"] | None
    sources: list[Source]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Overlap:
        return cls(
            rule=data["rule"],
            priority=data["priority"],
            verdict=data["verdict"],
            kernel=data["kernel"],
            of=data["of"],
            category=data["category"],
            location=data["location"],
            total_us=data["totalUs"],
            share_pct=data["sharePct"],
            exclusive_pct=data["exclusivePct"],
            hidden_pct=data["hiddenPct"],
            save_at_most_us=data["saveAtMostUs"],
            dependency_risk=data["dependencyRisk"],
            recommendation=data["recommendation"],
            rationale=data["rationale"],
            status=data["status"],
            sources=[Source.from_json(item) for item in data["sources"]],
        )


@dataclass(frozen=True)
class FuseCounts:
    active: int
    """Fused occurrences."""
    partial: int
    """Partly fused occurrences."""
    split: int
    """Separate occurrences."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FuseCounts:
        return cls(
            active=data["active"],
            partial=data["partial"],
            split=data["split"],
        )


@dataclass(frozen=True)
class Traffic:
    """Results that one kernel of a fusion writes and the next reads, told by work models: bytes over all occurrences whose work is known, the time they take at the bandwidth of the machine's memory, and of how many open occurrences that tells."""

    bytes: float
    us: float
    told: int
    of: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Traffic:
        return cls(
            bytes=data["bytes"],
            us=data["us"],
            told=data["told"],
            of=data["of"],
        )


@dataclass(frozen=True)
class FuseEvidence:
    step: str
    """Step of the pattern."""
    id: str
    kernel: str
    launches: int
    total_us: float
    """Time within the occurrences."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> FuseEvidence:
        return cls(
            step=data["step"],
            id=data["id"],
            kernel=data["kernel"],
            launches=data["launches"],
            total_us=data["totalUs"],
        )


@dataclass(frozen=True)
class Fuse:
    rule: str
    """Rule id."""
    title: str
    status: Literal["mainline", "in-flight", "experimental", "deprecated"]
    pr: list[str]
    """owner/repo#123, newest first."""
    checked: str | None
    """Day the pull requests were last looked at."""
    state: Literal["active", "split", "partial"]
    """Already fused, separate kernels, or fused at some sites."""
    assuming: list[str]
    """Facts the rule asked about that are unknown."""
    counts: FuseCounts
    coverage_pct: float
    """Occurrences that are fused, of all."""
    related_us: float
    """Time of exactly the kernels of the occurrences."""
    share_pct: float
    """Of the stage's GPU time."""
    save_at_most_us: float
    """Upper bound, never a promise."""
    saves: Saving
    traffic: Traffic | None
    evidence: list[FuseEvidence]
    """Kernels in pattern order."""
    locations: list[str]
    """Places that launch them now."""
    sources: list[Source]
    """The fused path upstream."""
    rationale: str
    advice: str | None
    """What to do."""
    toggle: str | None
    """What to switch, in the engine's spelling."""
    also_matched: list[str]
    """Rules folded under this one."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fuse:
        return cls(
            rule=data["rule"],
            title=data["title"],
            status=data["status"],
            pr=data["pr"],
            checked=data["checked"],
            state=data["state"],
            assuming=data["assuming"],
            counts=FuseCounts.from_json(data["counts"]),
            coverage_pct=data["coveragePct"],
            related_us=data["relatedUs"],
            share_pct=data["sharePct"],
            save_at_most_us=data["saveAtMostUs"],
            saves=Saving.from_json(data["saves"]),
            traffic=None if data["traffic"] is None else Traffic.from_json(data["traffic"]),
            evidence=[FuseEvidence.from_json(item) for item in data["evidence"]],
            locations=data["locations"],
            sources=[Source.from_json(item) for item in data["sources"]],
            rationale=data["rationale"],
            advice=data["advice"],
            toggle=data["toggle"],
            also_matched=data["alsoMatched"],
        )


@dataclass(frozen=True)
class ExcerptLane:
    device: int
    """GPU ordinal."""
    stream: str
    """Stream as the trace spells it."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExcerptLane:
        return cls(
            device=data["device"],
            stream=data["stream"],
        )


@dataclass(frozen=True)
class ExcerptSpan:
    lane: int
    """Index into lanes."""
    start_us: float
    """Beginning, in microseconds."""
    dur_us: float
    """Duration."""
    kernel: str
    """Short name."""
    category: str
    role: str | None
    """Role within a layer."""
    location: str | None
    """Python file:line and function that launched it."""
    exposed_us: float
    """Communication that no computation hides, copies and fills that nothing else hides; 0 for computation."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExcerptSpan:
        return cls(
            lane=data["lane"],
            start_us=data["startUs"],
            dur_us=data["durUs"],
            kernel=data["kernel"],
            category=data["category"],
            role=data["role"],
            location=data["location"],
            exposed_us=data["exposedUs"],
        )


@dataclass(frozen=True)
class ExcerptIdle:
    start_us: float
    """Its beginning."""
    dur_us: float
    """Its length."""
    cause: Literal["host-launch", "host-pause", "synchronisation", "graph-launch", "hole", "other"]
    """What most of it is due to."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExcerptIdle:
        return cls(
            start_us=data["startUs"],
            dur_us=data["durUs"],
            cause=data["cause"],
        )


@dataclass(frozen=True)
class ExcerptFuse:
    rule: str
    """Rule id."""
    state: Literal["active", "split", "partial"]
    spans: list[int]
    """Indexes into spans, ascending."""
    whole: bool
    """False where kernels of the occurrence lie outside."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ExcerptFuse:
        return cls(
            rule=data["rule"],
            state=data["state"],
            spans=data["spans"],
            whole=data["whole"],
        )


@dataclass(frozen=True)
class Excerpt:
    """One typical layer as it ran: of all layers the one of median duration; where nothing repeats, consecutive events chosen the same way. Times are relative to its beginning."""

    of: Literal["layer", "stretch"]
    """Whether it is a layer or consecutive events."""
    layer: int | None
    """Number of the layer within its forward pass, from 0."""
    step: str | None
    """Label of the step that launched it."""
    from_us: float
    """Its beginning, since the beginning of the trace."""
    duration_us: float
    """Its length."""
    whole: bool
    """False where it has more events than are told: it is then cut after the last."""
    lanes: list[ExcerptLane]
    """Streams, the busiest first."""
    spans: list[ExcerptSpan]
    """Kernels, copies and fills by start; one that ran into the excerpt begins before zero."""
    idle: list[ExcerptIdle]
    """Stretches in which nothing ran on any stream."""
    fuse: list[ExcerptFuse]
    """Occurrences of fusion rules with a row in the fuse table."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Excerpt:
        return cls(
            of=data["of"],
            layer=data["layer"],
            step=data["step"],
            from_us=data["fromUs"],
            duration_us=data["durationUs"],
            whole=data["whole"],
            lanes=[ExcerptLane.from_json(item) for item in data["lanes"]],
            spans=[ExcerptSpan.from_json(item) for item in data["spans"]],
            idle=[ExcerptIdle.from_json(item) for item in data["idle"]],
            fuse=[ExcerptFuse.from_json(item) for item in data["fuse"]],
        )


@dataclass(frozen=True)
class Stage:
    stage: Literal["prefill", "decode", "mixed", "all"]
    steps: int
    """Scheduler iterations."""
    requests: StageRequests
    """What a step works on: medians over the steps that tell, null where none does."""
    phases: list[StagePhase]
    """Sub-stages of speculative decoding; empty where no step drafts or verifies."""
    outside_steps: StageOutsideSteps | None
    """Work that no step launched; it counts in no figure of a step. Null without."""
    stage_from: str
    """How the stage was told."""
    timeline: Timeline
    step_times: StageStepTimes | None
    """What single steps took on the GPU, of what steps launched alone. Of three or more the first is left out of duration and idle: how long the GPU waited for it is not in the trace. Null when no step has GPU work."""
    work: list[WorkRow]
    limits: Limits
    ledger: list[LedgerRow]
    """Where the wall time went: disjoint rows that add up to timeline.totalUs."""
    layers: StageLayers | None
    """Repeated kernel period; null when there is none."""
    layer: LayerReport | None
    """The same layer in the least that other tools need; null where nothing repeats."""
    kernels: list[Kernel]
    """By total time, longest first. Every row of the stage when minSharePct is 0."""
    overlap: list[Overlap]
    """By priority, then total time."""
    fuse: list[Fuse]
    """Open mainline patterns first, then pending ones, then what is already fused."""
    excerpt: Excerpt | None
    """A stretch of the stage as it ran, to be drawn; null without GPU events."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Stage:
        return cls(
            stage=data["stage"],
            steps=data["steps"],
            requests=StageRequests.from_json(data["requests"]),
            phases=[StagePhase.from_json(item) for item in data["phases"]],
            outside_steps=None if data["outsideSteps"] is None else StageOutsideSteps.from_json(data["outsideSteps"]),
            stage_from=data["stageFrom"],
            timeline=Timeline.from_json(data["timeline"]),
            step_times=None if data["stepTimes"] is None else StageStepTimes.from_json(data["stepTimes"]),
            work=[WorkRow.from_json(item) for item in data["work"]],
            limits=Limits.from_json(data["limits"]),
            ledger=[LedgerRow.from_json(item) for item in data["ledger"]],
            layers=None if data["layers"] is None else StageLayers.from_json(data["layers"]),
            layer=None if data["layer"] is None else LayerReport.from_json(data["layer"]),
            kernels=[Kernel.from_json(item) for item in data["kernels"]],
            overlap=[Overlap.from_json(item) for item in data["overlap"]],
            fuse=[Fuse.from_json(item) for item in data["fuse"]],
            excerpt=None if data["excerpt"] is None else Excerpt.from_json(data["excerpt"]),
        )


@dataclass(frozen=True)
class Similarity:
    """Nearest rule when a sizeable cluster fits none exactly; it never changes a table."""

    rule: str
    """Nearest rule id."""
    level: Literal["high", "medium", "low"]
    reason: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Similarity:
        return cls(
            rule=data["rule"],
            level=data["level"],
            reason=data["reason"],
        )


@dataclass(frozen=True)
class HiddenRows:
    """Rows left out of this report."""

    kernels: int
    """Kernel rows below minSharePct."""
    overlap: int
    """Overlap rows below minSharePct."""
    fuse: int
    """Fuse rows below minSharePct."""
    actions: int
    """Actions beyond the shown ones."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> HiddenRows:
        return cls(
            kernels=data["kernels"],
            overlap=data["overlap"],
            fuse=data["fuse"],
            actions=data["actions"],
        )


@dataclass(frozen=True)
class Diagnostic:
    severity: Literal["error", "warning", "info"]
    code: str
    message: str
    path: str | None
    """File it is about."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Diagnostic:
        return cls(
            severity=data["severity"],
            code=data["code"],
            message=data["message"],
            path=data["path"],
        )


@dataclass(frozen=True)
class Report:
    """What `triage --format json` prints: one trace's (or one mapping/formal pair's) kernels, overlap opportunities and fuse patterns per stage. Times are microseconds, shares percent of a stage's GPU time unless said otherwise."""

    schema_version: Literal[3]
    """Raised when a field changes meaning or goes."""
    tool: Tool
    """Program that wrote the report."""
    rules: Rules
    """Rules the findings come from."""
    mode: Literal["single-trace", "mapping-formal"]
    """Whether a second trace lent its Python sites."""
    overlap_basis: str
    """What the overlap table can prove in this mode, in one sentence."""
    framework: Literal["sglang", "vllm", "trtllm", "tokenspeed", "unknown"]
    """Serving engine that wrote the trace."""
    framework_evidence: str
    """What told the framework, or what was missing."""
    traces: list[Trace]
    """Files read, in the order they were used."""
    model: str | None
    """Model path or name; null when nothing told it."""
    model_from: str | None
    """What told the model."""
    server_args: dict[str, Any] | None
    """Server arguments found beside the trace, as written there."""
    server_args_path: str | None
    """File the server arguments come from."""
    gpu: Gpu
    """GPU the kernels ran on."""
    parallel: Parallel
    """Parallel layout; null where nothing tells."""
    min_share_pct: float
    """Rows below this share were hidden and counted in hiddenRows."""
    located: Located
    """How much GPU time has a place in the code, and how it was found."""
    health: Health
    """Whether the recording may be believed."""
    actions: list[Action]
    """What to do first, over all stages, best first."""
    stages: list[Stage]
    """Stages with GPU events: prefill, decode, mixed, all."""
    similarity: Similarity | None
    """Nearest rule when a sizeable cluster fits none exactly; it never changes a table."""
    summary: str
    """One paragraph: busy and idle, what dominates, the strongest findings."""
    hidden_rows: HiddenRows
    """Rows left out of this report."""
    diagnostics: list[Diagnostic]
    """Remarks about the inputs and the run, most severe first."""
    settings: str | None = None
    """The file of settings (fuse-triage.yaml) that was gone by; left out where there is none."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        return cls(
            schema_version=data["schemaVersion"],
            tool=Tool.from_json(data["tool"]),
            rules=Rules.from_json(data["rules"]),
            mode=data["mode"],
            overlap_basis=data["overlapBasis"],
            framework=data["framework"],
            framework_evidence=data["frameworkEvidence"],
            traces=[Trace.from_json(item) for item in data["traces"]],
            model=data["model"],
            model_from=data["modelFrom"],
            server_args=data["serverArgs"],
            server_args_path=data["serverArgsPath"],
            gpu=Gpu.from_json(data["gpu"]),
            parallel=Parallel.from_json(data["parallel"]),
            min_share_pct=data["minSharePct"],
            located=Located.from_json(data["located"]),
            health=Health.from_json(data["health"]),
            actions=[Action.from_json(item) for item in data["actions"]],
            stages=[Stage.from_json(item) for item in data["stages"]],
            similarity=None if data["similarity"] is None else Similarity.from_json(data["similarity"]),
            summary=data["summary"],
            hidden_rows=HiddenRows.from_json(data["hiddenRows"]),
            diagnostics=[Diagnostic.from_json(item) for item in data["diagnostics"]],
            settings=data.get("settings"),
        )
