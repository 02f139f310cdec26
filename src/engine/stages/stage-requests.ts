import { compareText } from "../../base/compare-text.ts";
import { groupBy } from "../../base/group-by.ts";
import type { PhaseKernel, PhaseReport, RequestsReport } from "../../model/contracts/report.ts";
import type { DecodePhase } from "../../model/framework.ts";
import type { KernelGraph, StageGraph, Step } from "../../model/trace/kernel-graph.ts";
import { toUs } from "../../model/trace/units.ts";
import { graphFact } from "../facts/graph-use.ts";
import { medianOf, spreadOf } from "../spread.ts";
import { kernelsPerStep } from "../tables/kernel-steps.ts";
import type { PerStep } from "../timeline/step-times.ts";

/** What the steps of a stage work on: medians over the steps that tell; null where none does. */
export function stageRequests(graph: KernelGraph, stage: StageGraph): RequestsReport {
  const { steps } = stage;
  const median = (of: (step: Step) => number | null): number | null => {
    const told = steps.flatMap((step) => of(step) ?? []);
    return told.length === 0 ? null : medianOf(told);
  };
  const phases = new Set(steps.map(({ phase }) => phase));
  const graphs = stage.events.length === 0 ? null : graphFact(graph, stage);
  return {
    context: median(({ requests }) => requests.context),
    contextTokens: median(({ requests }) => requests.contextTokens),
    generation: median(({ requests }) => requests.generation),
    batch: median(({ batchSize }) => batchSize),
    tokens: median(({ tokens }) => tokens),
    graphs: graphs === null ? null : graphs.value === "on",
    phase: phases.size === 1 ? [...phases][0]! : null,
  };
}

const PHASES: readonly (DecodePhase | null)[] = ["draft", "verify", null];

/** Draft, verify and plain decode apart; empty where no step drafts or verifies. */
export function stagePhases(
  graph: KernelGraph,
  stage: StageGraph,
  perStep: PerStep,
): PhaseReport[] {
  const phaseOf = (at: number): DecodePhase | null => graph.steps[perStep.step[at]!]!.phase;
  const all = [...perStep.step.keys()];
  if (all.every((at) => phaseOf(at) === null)) return [];
  return PHASES.flatMap((phase): PhaseReport[] => {
    const own = all.filter((at) => phaseOf(at) === phase);
    if (own.length === 0) return [];
    const gpuTime = own.reduce((sum, at) => sum + perStep.gpuTime[at]!, 0);
    return [
      {
        phase: phase ?? "plain",
        steps: own.length,
        duration: spreadOf(Float64Array.from(own, (at) => perStep.duration[at]!)),
        gpuTimeUs: toUs(gpuTime),
        kernels: phaseKernels(graph, stage, phase),
      },
    ];
  });
}

/** Of a step of the phase; less is not shown. */
const LEAST_SHARE = 0.001;

/** What each kernel takes in a step of one phase. */
function phaseKernels(
  graph: KernelGraph,
  stage: StageGraph,
  phase: DecodePhase | null,
): readonly PhaseKernel[] {
  const { gpu, kernelNames } = graph.trace;
  const perStep = kernelsPerStep(graph, stage, (step) => graph.steps[step]!.phase === phase);
  const byName = groupBy([...stage.events], (row) => gpu.name[row]!);
  const all = [...byName].flatMap(([name, rows]): PhaseKernel[] => {
    const own = perStep(Uint32Array.from(rows));
    const { demangled, short } = kernelNames[name]!;
    return own === null || own.us === 0 ? [] : [{ name: demangled, shortName: short, ...own }];
  });
  const total = all.reduce((sum, { us }) => sum + us, 0);
  return all
    .filter(({ us }) => us >= LEAST_SHARE * total)
    .sort((a, b) => b.us - a.us || compareText(a.name, b.name));
}
