import { compareText } from "../../base/compare-text.ts";
import type { Action } from "../../model/contracts/action.ts";
import { kernelNameAt } from "../../model/trace.ts";
import { percent, type Row } from "../../model/units.ts";
import { kernelId } from "../kernel-id.ts";
import type { Saved } from "../retime/retime.ts";
import { savingOf } from "../retime/saving.ts";
import type { Candidate, StageEvidence } from "./candidate.ts";
import { fillCandidates } from "./fills.ts";
import { fusionCandidates } from "./fusions.ts";
import { headroomCandidates } from "./headroom.ts";
import { hostCandidates, pauseCandidates } from "./hosts.ts";
import { recordingCandidates } from "./recordings.ts";
import { runCandidates } from "./runs.ts";
import { communicationCandidates, pageableCandidates } from "./transfers.ts";

/** Below this share of the step an action is not worth an engineer's morning. */
const WORTH_DOING_PCT = 1;

/** An action and the GPU rows that it claims, in order of time. */
export interface RankedAction {
  readonly action: Action;
  readonly rows: readonly Row[];
}

/**
 * What to do about a stage, best first: every candidate is re-timed, the one that saves most takes
 * its kernels, and what is left of the others is re-timed without them. An action that the trace
 * refutes (a faster kernel on a host-bound stage, communication in an idle GPU's shadow) saves
 * nothing there and so is not given.
 */
export function rankActions(evidence: StageEvidence): readonly RankedAction[] {
  const kernels = [...fusionCandidates(evidence), ...headroomCandidates(evidence)];
  const hosts = hostCandidates(evidence).map((host) => withNext(evidence, host, kernels));
  const candidates = [
    ...kernels,
    ...hosts,
    ...pauseCandidates(evidence),
    ...runCandidates(evidence, hosts.length > 0),
    ...recordingCandidates(evidence),
    ...fillCandidates(evidence),
    ...pageableCandidates(evidence),
    ...communicationCandidates(evidence),
  ];
  const claimed = new Set<Row>();
  const actions: RankedAction[] = [];
  let open = measured(evidence, candidates, claimed);
  while (open.length > 0) {
    const [best, ...rest] = open;
    actions.push(actionOf(evidence, best!, claimed));
    for (const row of best!.candidate.rows) claimed.add(row);
    const touched = rest.filter(({ candidate }) => meets(candidate.rows, best!.candidate.rows));
    const again = new Map(
      measured(
        evidence,
        touched.map(({ candidate }) => candidate),
        claimed,
      ).map((it) => [it.candidate, it]),
    );
    open = rest
      .flatMap((it) => (touched.includes(it) ? (again.get(it.candidate) ?? []) : it))
      .sort(bySaving);
  }
  return actions;
}

interface Measured extends Saved {
  readonly candidate: Candidate;
}

/** From this share of the step on waiting for the host swallows what faster kernels would gain. */
const SETS_THE_PACE_PCT = 15;

/** So many of what comes after are named. */
const NEXT = 3;

/** Where the host sets the pace a faster kernel saves nothing today: what it would bring afterwards is said there. */
function withNext(
  { graph, stepNs }: StageEvidence,
  host: Candidate,
  kernels: readonly Candidate[],
): Candidate {
  if (percent(host.idleNs, stepNs) < SETS_THE_PACE_PCT) return host;
  const { duration } = graph.trace.gpu;
  const next = kernels
    .map(({ title, change }) => {
      const { removed = [], durations = new Map<Row, number>() } = change?.(() => true) ?? {};
      let ns = 0;
      for (const row of removed) ns += duration[row]!;
      for (const [row, shorter] of durations) ns += duration[row]! - shorter;
      return { title, ns };
    })
    .filter(({ ns }) => percent(ns, stepNs) >= WORTH_DOING_PCT)
    .sort((a, b) => b.ns - a.ns || compareText(a.title, b.title))
    .slice(0, NEXT)
    .map(({ title, ns }) => `${title} (${(ns / 1e6).toFixed(2)} ms of GPU time)`);
  return next.length === 0
    ? host
    : { ...host, do: `${host.do} Once the host keeps up, next come: ${next.join("; ")}.` };
}

/** What each candidate saves with the rows that are still free; those worth doing, best first. */
function measured(
  evidence: StageEvidence,
  candidates: readonly Candidate[],
  claimed: ReadonlySet<Row>,
): Measured[] {
  return candidates
    .map((candidate) => measure(evidence, candidate, claimed))
    .filter(
      ({ candidate, kernelNs, gapNs }) =>
        candidate.kind === "recording" ||
        percent(kernelNs + gapNs, evidence.stepNs) >= WORTH_DOING_PCT,
    )
    .sort(bySaving);
}

function measure(
  { retiming }: StageEvidence,
  candidate: Candidate,
  claimed: ReadonlySet<Row>,
): Measured {
  const { change, idleNs } = candidate;
  if (change === null) return { candidate, kernelNs: 0, gapNs: idleNs };
  return {
    candidate,
    ...retiming.saved(
      change((row) => !claimed.has(row)),
      idleNs,
    ),
  };
}

function actionOf(
  { graph, stage, stepNs }: StageEvidence,
  { candidate, kernelNs, gapNs }: Measured,
  claimed: ReadonlySet<Row>,
): RankedAction {
  const { kind, key, title, where, toggle, proof, assuming, rule, sources } = candidate;
  const rows = [...candidate.rows].filter((row) => !claimed.has(row)).sort((a, b) => a - b);
  const names = new Set(rows.map((row) => kernelNameAt(graph.trace, row).demangled));
  const action: Action = {
    id: `${kind}-${stage.stage}-${rule ?? kernelId(key)}`,
    kind,
    stage: stage.stage,
    title,
    do: candidate.do,
    where,
    saves: savingOf({ kernelNs, gapNs }, stepNs),
    toggle,
    proof,
    assuming,
    rule,
    sources,
    claims: [...names].map(kernelId).sort(),
  };
  return { action, rows };
}

/** What may be believed first, then most time. */
function bySaving(a: Measured, b: Measured): number {
  return (
    Number(b.candidate.kind === "recording") - Number(a.candidate.kind === "recording") ||
    b.kernelNs + b.gapNs - (a.kernelNs + a.gapNs) ||
    compareText(`${a.candidate.kind} ${a.candidate.key}`, `${b.candidate.kind} ${b.candidate.key}`)
  );
}

function meets(a: ReadonlySet<Row>, b: ReadonlySet<Row>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const row of few) if (many.has(row)) return true;
  return false;
}
