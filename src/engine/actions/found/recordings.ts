import { percent } from "../../../model/trace/units.ts";
import {
  type Candidate,
  IDLE_ONLY,
  idleByPart,
  type StageEvidence,
  timeWords,
} from "../candidate.ts";

/** From this share of the step on a way of recording that makes idle time decides what may be believed. */
const TELLING_PCT = 10;

/** What about the recording must be known before its figures are used; nothing to save. */
export function recordingCandidates(evidence: StageEvidence): readonly Candidate[] {
  return [...gapsInGraphs(evidence), ...oddSteps(evidence)];
}

/** Steps far from the others: no figure of the others' should rest on them. */
function oddSteps({ apart }: StageEvidence): readonly Candidate[] {
  if (apart === null) return [];
  const { steps, of, usualUs } = apart;
  const numbers = steps.map(({ number }) => number).join(", ");
  const longest = 1000 * Math.max(...steps.map(({ us }) => us));
  const time = timeWords(longest);
  return [
    {
      ...IDLE_ONLY,
      kind: "recording",
      key: "odd steps",
      title: `${steps.length === 1 ? "Step" : "Steps"} ${numbers} of ${of} took up to ${time(longest)} where ${time(1000 * usualUs)} is usual`,
      do: "Leave it out: warm up before recording (autotuning, module loading and a first request happen once). Its idle time decides nothing here; the tables still hold its kernels.",
      where: [],
      idleNs: 0,
    },
  ];
}

function gapsInGraphs({ graph, idle, stepNs }: StageEvidence): readonly Candidate[] {
  const inGraph = idleByPart(idle).get("in-graph") ?? 0;
  const pct = percent(inGraph, stepNs);
  if (graph.trace.metadata.vendor !== "amd" || pct < TELLING_PCT) return [];
  return [
    {
      ...IDLE_ONLY,
      kind: "recording",
      key: "gaps-in-graph",
      title: `${pct.toFixed(0)}% of the step are gaps inside graph replays: an artefact of tracing HIP graphs node by node`,
      do: "Do not chase this idle time: the profiler launches the nodes of a HIP graph one by one. Time the step without the profiler to know what of it is real.",
      where: [],
      idleNs: 0,
    },
  ];
}
