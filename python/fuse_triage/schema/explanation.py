"""Generated from references/explanation.schema.json by `npm run python:types`: do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Explanation"]

SCHEMA_VERSION = 3


@dataclass(frozen=True)
class KernelNamed:
    what: Literal["category", "role", "library"]
    answer: str
    from_: Literal["class", "words", "op", "module", "position"] | None
    """what told it; null for other"""
    class_: str | None
    """class of the vocabulary that decided"""
    because: str | None
    """the part of it that fits, in the words of the language"""
    launches: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelNamed:
        return cls(
            what=data["what"],
            answer=data["answer"],
            from_=data["from"],
            class_=data["class"],
            because=data["because"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class KernelDurationsHistogram:
    from_us: float
    """microseconds"""
    to_us: float
    """microseconds"""
    launches: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelDurationsHistogram:
        return cls(
            from_us=data["fromUs"],
            to_us=data["toUs"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class KernelDurations:
    min_us: float
    """microseconds"""
    p10_us: float
    """microseconds"""
    median_us: float
    """microseconds"""
    p90_us: float
    """microseconds"""
    p99_us: float
    """microseconds"""
    max_us: float
    """microseconds"""
    histogram: list[KernelDurationsHistogram]
    """equal bins; the last holds its upper end"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelDurations:
        return cls(
            min_us=data["minUs"],
            p10_us=data["p10Us"],
            median_us=data["medianUs"],
            p90_us=data["p90Us"],
            p99_us=data["p99Us"],
            max_us=data["maxUs"],
            histogram=[KernelDurationsHistogram.from_json(item) for item in data["histogram"]],
        )


@dataclass(frozen=True)
class KernelStream:
    device: int
    stream: str
    launches: int
    total_us: float
    """microseconds"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelStream:
        return cls(
            device=data["device"],
            stream=data["stream"],
            launches=data["launches"],
            total_us=data["totalUs"],
        )


@dataclass(frozen=True)
class KernelLaunchApi:
    api: str | None
    """host call; null where the launch is not in the trace"""
    launches: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelLaunchApi:
        return cls(
            api=data["api"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class KernelDim:
    dims: str
    """gx,gy,gz/bx,by,bz: grid and block"""
    launches: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelDim:
        return cls(
            dims=data["dims"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class KernelLayerPosition:
    position: int
    """place in the repeated layer, from 0"""
    period: int
    """kernels of a layer"""
    launches: int
    layers: int
    """layers that have it there"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelLayerPosition:
        return cls(
            position=data["position"],
            period=data["period"],
            launches=data["launches"],
            layers=data["layers"],
        )


@dataclass(frozen=True)
class KernelSiteStack:
    text: str
    is_shown: bool
    """the frame that reports print"""
    why: str
    """why it is shown or not"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelSiteStack:
        return cls(
            text=data["text"],
            is_shown=data["isShown"],
            why=data["why"],
        )


@dataclass(frozen=True)
class KernelSite:
    location: str | None
    function: str | None
    module: str | None
    module_path: str | None
    """with instance numbers, of the first launch"""
    cpu_op: str | None
    top_op: str | None
    """outermost op"""
    shapes: str | None
    """JSON text of the op's input shapes at the first launch"""
    types: str | None
    """JSON text of the op's input types"""
    via: Literal["none", "direct", "graph-capture", "mapping-sequence", "layer-context", "single-site-name"]
    launches: int
    total_us: float
    """microseconds"""
    stack: list[KernelSiteStack]
    """frames of the first launch, innermost first"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelSite:
        return cls(
            location=data["location"],
            function=data["function"],
            module=data["module"],
            module_path=data["modulePath"],
            cpu_op=data["cpuOp"],
            top_op=data["topOp"],
            shapes=data["shapes"],
            types=data["types"],
            via=data["via"],
            launches=data["launches"],
            total_us=data["totalUs"],
            stack=[KernelSiteStack.from_json(item) for item in data["stack"]],
        )


@dataclass(frozen=True)
class Neighbour:
    kernel: str | None
    """short name; null for nothing in the step"""
    times: int
    median_gap_us: float | None
    """idle time between, below zero where they overlap, microseconds"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Neighbour:
        return cls(
            kernel=data["kernel"],
            times=data["times"],
            median_gap_us=data["medianGapUs"],
        )


@dataclass(frozen=True)
class KernelBeside:
    kernel: str
    stream: str
    times: int
    shared_us: float
    """time both ran, microseconds"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelBeside:
        return cls(
            kernel=data["kernel"],
            stream=data["stream"],
            times=data["times"],
            shared_us=data["sharedUs"],
        )


@dataclass(frozen=True)
class KernelAction:
    id: str
    title: str
    saves_us: float
    """of the whole action, an upper bound"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelAction:
        return cls(
            id=data["id"],
            title=data["title"],
            saves_us=data["savesUs"],
        )


@dataclass(frozen=True)
class KernelFinding:
    rule: str
    title: str
    state: str
    occurrences: int
    launches: int
    """of this kernel in them"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelFinding:
        return cls(
            rule=data["rule"],
            title=data["title"],
            state=data["state"],
            occurrences=data["occurrences"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class Source:
    repo: str
    commit: str
    """locked commit; empty where no single one was read"""
    path: str
    symbol: str | None
    url: str
    """the file at that commit"""

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
class Overlap:
    """its row in the overlap table"""

    rule: str | None
    priority: str | None
    verdict: str
    kernel: str
    category: str
    location: str | None
    total_us: float
    """microseconds"""
    share_pct: float
    exclusive_pct: float
    hidden_pct: float
    save_at_most_us: float
    """microseconds"""
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
class KernelWork:
    op: str
    dims: str
    types: str
    calls: int
    kernels: int
    kernel_us: float
    shapes_from: Literal["op", "capture", "mapping", "model-config"]
    assuming: list[str]
    model: str | None
    file: str | None
    lines: list[str]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KernelWork:
        return cls(
            op=data["op"],
            dims=data["dims"],
            types=data["types"],
            calls=data["calls"],
            kernels=data["kernels"],
            kernel_us=data["kernelUs"],
            shapes_from=data["shapesFrom"],
            assuming=data["assuming"],
            model=data["model"],
            file=data["file"],
            lines=data["lines"],
        )


@dataclass(frozen=True)
class Kernel:
    path: str
    """trace file"""
    stage: Literal["prefill", "decode", "mixed", "all"]
    name: str
    """demangled"""
    short_name: str
    raw_names: list[str]
    """every spelling in the trace"""
    total_us: float
    """GPU time, microseconds"""
    share_pct: float
    """of the stage's GPU time"""
    launches: int
    named: list[KernelNamed]
    """what the vocabulary calls it"""
    durations: KernelDurations
    streams: list[KernelStream]
    first_start_us: float
    """first start on the GPU, from the start of the trace, microseconds"""
    last_start_us: float
    """last start on the GPU, from the start of the trace, microseconds"""
    launch_apis: list[KernelLaunchApi]
    dims: list[KernelDim]
    layer_positions: list[KernelLayerPosition]
    outside_layers: int
    """launches outside the repeated part"""
    sites: list[KernelSite]
    before: list[Neighbour]
    after: list[Neighbour]
    beside: list[KernelBeside]
    """on other streams of its device at the same time"""
    actions: list[KernelAction]
    """that make it go or shorten it, in their order"""
    findings: list[KernelFinding]
    """rules whose occurrences hold it"""
    overlap: Overlap | None
    work: list[KernelWork]
    """what its limit rests on, by op and shape, worked out line by line"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Kernel:
        return cls(
            path=data["path"],
            stage=data["stage"],
            name=data["name"],
            short_name=data["shortName"],
            raw_names=data["rawNames"],
            total_us=data["totalUs"],
            share_pct=data["sharePct"],
            launches=data["launches"],
            named=[KernelNamed.from_json(item) for item in data["named"]],
            durations=KernelDurations.from_json(data["durations"]),
            streams=[KernelStream.from_json(item) for item in data["streams"]],
            first_start_us=data["firstStartUs"],
            last_start_us=data["lastStartUs"],
            launch_apis=[KernelLaunchApi.from_json(item) for item in data["launchApis"]],
            dims=[KernelDim.from_json(item) for item in data["dims"]],
            layer_positions=[KernelLayerPosition.from_json(item) for item in data["layerPositions"]],
            outside_layers=data["outsideLayers"],
            sites=[KernelSite.from_json(item) for item in data["sites"]],
            before=[Neighbour.from_json(item) for item in data["before"]],
            after=[Neighbour.from_json(item) for item in data["after"]],
            beside=[KernelBeside.from_json(item) for item in data["beside"]],
            actions=[KernelAction.from_json(item) for item in data["actions"]],
            findings=[KernelFinding.from_json(item) for item in data["findings"]],
            overlap=None if data["overlap"] is None else Overlap.from_json(data["overlap"]),
            work=[KernelWork.from_json(item) for item in data["work"]],
        )


@dataclass(frozen=True)
class Guard:
    text: str
    line: int | None
    truth: Literal["true", "false", "unknown"]
    value: str | float | None
    """the fact; null when unknown"""
    from_: str | None
    """what told the fact"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Guard:
        return cls(
            text=data["text"],
            line=data["line"],
            truth=data["truth"],
            value=data["value"],
            from_=data["from"],
        )


@dataclass(frozen=True)
class PatternStepName:
    kernel: str
    """short name"""
    launches: int

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PatternStepName:
        return cls(
            kernel=data["kernel"],
            launches=data["launches"],
        )


@dataclass(frozen=True)
class PatternStep:
    step: str
    kernels: int
    """of its class in the stage"""
    names: list[PatternStepName]
    """the most frequent of them"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PatternStep:
        return cls(
            step=data["step"],
            kernels=data["kernels"],
            names=[PatternStepName.from_json(item) for item in data["names"]],
        )


@dataclass(frozen=True)
class PlacedKernel:
    step: str | None
    """what the rule calls the step it stands for; null for what stands between"""
    kernel: str
    """short name"""
    start_us: float
    """from the start of the trace, microseconds"""
    us: float
    """microseconds"""
    stream: str
    location: str | None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PlacedKernel:
        return cls(
            step=data["step"],
            kernel=data["kernel"],
            start_us=data["startUs"],
            us=data["us"],
            stream=data["stream"],
            location=data["location"],
        )


@dataclass(frozen=True)
class PatternNearest:
    reached: int
    """steps that had their kernels"""
    line: int | None
    wanted: str
    """the clause that stopped it"""
    saw: str
    times: int
    kernels: list[PlacedKernel]
    """of the attempt that came nearest"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PatternNearest:
        return cls(
            reached=data["reached"],
            line=data["line"],
            wanted=data["wanted"],
            saw=data["saw"],
            times=data["times"],
            kernels=[PlacedKernel.from_json(item) for item in data["kernels"]],
        )


@dataclass(frozen=True)
class Pattern:
    state: Literal["active", "partial", "split"]
    line: int | None
    text: str
    """in the words of the language"""
    repeat_min: int
    """occurrences that must be there for them to count"""
    steps: list[PatternStep]
    found: int
    """occurrences, the rule taken alone"""
    counted: int
    """those that repeat counts"""
    nearest: list[PatternNearest]
    """what stopped the others, farthest first"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Pattern:
        return cls(
            state=data["state"],
            line=data["line"],
            text=data["text"],
            repeat_min=data["repeatMin"],
            steps=[PatternStep.from_json(item) for item in data["steps"]],
            found=data["found"],
            counted=data["counted"],
            nearest=[PatternNearest.from_json(item) for item in data["nearest"]],
        )


@dataclass(frozen=True)
class RuleOccurrence:
    state: Literal["active", "partial", "split"]
    start_us: float
    """from the start of the trace, microseconds"""
    end_us: float
    """microseconds"""
    layer: int | None
    gap_us: float
    """idle time between the steps, microseconds"""
    save_at_most_us: float
    """microseconds"""
    kernels: list[PlacedKernel]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RuleOccurrence:
        return cls(
            state=data["state"],
            start_us=data["startUs"],
            end_us=data["endUs"],
            layer=data["layer"],
            gap_us=data["gapUs"],
            save_at_most_us=data["saveAtMostUs"],
            kernels=[PlacedKernel.from_json(item) for item in data["kernels"]],
        )


@dataclass(frozen=True)
class Rule:
    path: str
    """trace file"""
    stage: Literal["prefill", "decode", "mixed", "all"]
    rule: str
    """id"""
    kind: Literal["fusion", "overlap"]
    title: str
    file: str
    """below the rules folder"""
    status: Literal["mainline", "in-flight", "experimental", "deprecated"]
    pr: list[str]
    checked: str | None
    """day on which the pull request was last looked at"""
    state: str
    """the answer in the report, with all other rules about"""
    folded_under: str | None
    """rule that holds the same kernels"""
    also_matched: list[str]
    """rules folded under this one"""
    assuming: list[str]
    """facts taken for granted"""
    related_us: float
    """time of the occurrences' kernels, microseconds"""
    share_pct: float
    save_at_most_us: float
    """microseconds"""
    save_basis: str
    """how it is counted"""
    toggle: str | None
    """what to switch"""
    sources: list[Source]
    guards: list[Guard]
    patterns: list[Pattern]
    occurrence_count: int
    """in all"""
    occurrences: list[RuleOccurrence]
    """the first of them, by time"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rule:
        return cls(
            path=data["path"],
            stage=data["stage"],
            rule=data["rule"],
            kind=data["kind"],
            title=data["title"],
            file=data["file"],
            status=data["status"],
            pr=data["pr"],
            checked=data["checked"],
            state=data["state"],
            folded_under=data["foldedUnder"],
            also_matched=data["alsoMatched"],
            assuming=data["assuming"],
            related_us=data["relatedUs"],
            share_pct=data["sharePct"],
            save_at_most_us=data["saveAtMostUs"],
            save_basis=data["saveBasis"],
            toggle=data["toggle"],
            sources=[Source.from_json(item) for item in data["sources"]],
            guards=[Guard.from_json(item) for item in data["guards"]],
            patterns=[Pattern.from_json(item) for item in data["patterns"]],
            occurrence_count=data["occurrenceCount"],
            occurrences=[RuleOccurrence.from_json(item) for item in data["occurrences"]],
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
class ActionExplanationKernel:
    id: str
    name: str
    short_name: str
    launches: int
    total_us: float

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionExplanationKernel:
        return cls(
            id=data["id"],
            name=data["name"],
            short_name=data["shortName"],
            launches=data["launches"],
            total_us=data["totalUs"],
        )


@dataclass(frozen=True)
class ActionExplanationLaunch:
    start_us: float
    dur_us: float
    kernel: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionExplanationLaunch:
        return cls(
            start_us=data["startUs"],
            dur_us=data["durUs"],
            kernel=data["kernel"],
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
class ActionExplanation:
    path: str
    action: Action
    step_us: float
    """Wall time of the stage without holes of the recording."""
    after_us: float
    """What the saving leaves of it."""
    kernels: list[ActionExplanationKernel]
    launch_count: int
    launches: list[ActionExplanationLaunch]
    """The first of them."""
    idle: list[LedgerRow]
    """Idle rows of the ledger; empty where the action saves no idle time."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ActionExplanation:
        return cls(
            path=data["path"],
            action=Action.from_json(data["action"]),
            step_us=data["stepUs"],
            after_us=data["afterUs"],
            kernels=[ActionExplanationKernel.from_json(item) for item in data["kernels"]],
            launch_count=data["launchCount"],
            launches=[ActionExplanationLaunch.from_json(item) for item in data["launches"]],
            idle=[LedgerRow.from_json(item) for item in data["idle"]],
        )


@dataclass(frozen=True)
class Explanation:
    schema_version: Literal[3]
    row: str
    """as it was asked for"""
    kernels: list[Kernel]
    """one per trace file and stage that has it"""
    rules: list[Rule]
    """one per trace file and stage"""
    actions: list[ActionExplanation]
    """one per trace file and stage"""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Explanation:
        return cls(
            schema_version=data["schemaVersion"],
            row=data["row"],
            kernels=[Kernel.from_json(item) for item in data["kernels"]],
            rules=[Rule.from_json(item) for item in data["rules"]],
            actions=[ActionExplanation.from_json(item) for item in data["actions"]],
        )
