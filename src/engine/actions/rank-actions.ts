import { compareText } from "../../base/compare-text.ts";
import type { Action } from "../../model/contracts/action.ts";
import { kernelNameAt } from "../../model/trace/trace.ts";
import { type Nanoseconds, percent, type Row } from "../../model/trace/units.ts";
import type { Change, Saved } from "../retime/retime.ts";
import { savingOf } from "../retime/saving.ts";
import { kernelId } from "../tables/kernel-id.ts";
import { StageCalls } from "./calls.ts";
import { type Candidate, type StageEvidence, timeWords } from "./candidate.ts";
import { evidenceOf, likelyNs } from "./evidence.ts";
import { fillCandidates } from "./found/fills.ts";
import { fusionCandidates } from "./found/fusions.ts";
import { headroomCandidates } from "./found/headroom.ts";
import { hostCandidates, pauseCandidates } from "./found/hosts.ts";
import { loraCandidates } from "./found/lora.ts";
import { narrowCandidates } from "./found/narrow.ts";
import { needlessCandidates } from "./found/needless.ts";
import { pointwiseCandidates } from "./found/pointwise.ts";
import { recordingCandidates } from "./found/recordings.ts";
import { runCandidates } from "./found/runs.ts";
import { slowerKernelCandidates } from "./found/slower-kernels.ts";
import { communicationCandidates, pageableCandidates } from "./found/transfers.ts";
import { vocabularyCandidates } from "./found/vocabulary.ts";
import { gatherCandidates } from "./gathers.ts";

/** Below this share of the step an action is not worth an engineer's morning. */
const WORTH_DOING_PCT = 0.5;

/** An action and the GPU rows that it claims, in order of time. */
export interface RankedAction {
  readonly action: Action;
  readonly rows: readonly Row[];
}

/**
 * What to do about a stage, best first: every candidate is re-timed, the one that likely saves most
 * takes its kernels, and what is left of the others is re-timed without them. An action that the trace
 * refutes (a faster kernel on a host-bound stage, communication in an idle GPU's shadow) saves
 * nothing there and so is not given. Where the host's lateness comes first and the GPU is busy most
 * of the time all the same, the others are also re-timed with a host that keeps up: what they bring
 * once that is done is said as such.
 */
export function rankActions(evidence: StageEvidence): readonly RankedAction[] {
  const calls = new StageCalls(evidence);
  const fusions = [...fusionCandidates(evidence), ...pointwiseCandidates(evidence, calls)];
  const fusible = new Set(fusions.flatMap(({ rows, chain }) => [...(chain ?? rows)]));
  const kernels = [...fusions, ...headroomCandidates(evidence, calls, fusible)];
  const hosts = hostCandidates(evidence).map((host) => withNext(evidence, host, kernels));
  const candidates = [
    ...kernels,
    ...hosts,
    ...pauseCandidates(evidence),
    ...runCandidates(evidence, hosts.length > 0),
    ...recordingCandidates(evidence),
    ...fillCandidates(evidence),
    ...needlessCandidates(evidence, calls),
    ...narrowCandidates(evidence),
    ...slowerKernelCandidates(evidence, calls),
    ...vocabularyCandidates(evidence, calls),
    ...loraCandidates(evidence),
    ...pageableCandidates(evidence),
    ...communicationCandidates(evidence),
    ...gatherCandidates(evidence),
  ];
  return new Ranking(evidence, hosts).of(candidates);
}

/** Takes the best candidate, then the best of what it left to the others, and so on. */
class Ranking {
  readonly #evidence: StageEvidence;
  /** Id of what makes the host keep up; null where it does, or where the GPU mostly waits. */
  readonly #host: string | null;
  readonly #claimed = new Set<Row>();
  /** Those that took their kernels before all others. */
  readonly #first = new Set<Candidate>();

  constructor(evidence: StageEvidence, hosts: readonly Candidate[]) {
    const [first] = hosts;
    const pct = first === undefined ? 0 : percent(first.idleNs, evidence.stepNs);
    this.#evidence = evidence;
    this.#host =
      first !== undefined && pct >= SETS_THE_PACE_PCT && pct < MOSTLY_WAITS_PCT
        ? idOf(evidence, first)
        : null;
  }

  of(candidates: readonly Candidate[]): readonly RankedAction[] {
    const actions: RankedAction[] = [];
    let open = this.#measured(candidates);
    // What need not be done at all is neither shortened nor fused.
    for (const { candidate } of open) {
      if (candidate.isFirst !== true || meets(candidate.rows, this.#claimed)) continue;
      this.#first.add(candidate);
      for (const row of candidate.rows) this.#claimed.add(row);
    }
    open = this.#again(open, ({ candidate }) => meets(candidate.rows, this.#claimed));
    while (open.length > 0) {
      const [best, ...rest] = open as [Measured, ...Measured[]];
      actions.push(this.#actionOf(best));
      for (const row of best.candidate.rows) this.#claimed.add(row);
      open = this.#again(rest, ({ candidate }) => meets(candidate.rows, best.candidate.rows));
    }
    return actions;
  }

  /** Measures again what has lost rows to others. */
  #again(all: readonly Measured[], isTouched: (one: Measured) => boolean): Measured[] {
    const touched = new Set(all.filter((one) => !this.#first.has(one.candidate) && isTouched(one)));
    const again = new Map(
      this.#measured([...touched].map(({ candidate }) => candidate)).map((it) => [
        it.candidate,
        it,
      ]),
    );
    return all
      .flatMap((it) => (touched.has(it) ? (again.get(it.candidate) ?? []) : it))
      .sort(bySaving);
  }

  /** What each candidate saves with the rows that are still free; those worth doing, best first. */
  #measured(candidates: readonly Candidate[]): Measured[] {
    return candidates
      .map((candidate) => this.#measure(candidate))
      .filter(
        ({ candidate, kernelNs, gapNs }) =>
          candidate.kind === "recording" ||
          percent(kernelNs + gapNs, this.#evidence.stepNs) >= WORTH_DOING_PCT,
      )
      .sort(bySaving);
  }

  #measure(candidate: Candidate): Measured {
    const { graph, retiming } = this.#evidence;
    const { change, idleNs } = candidate;
    const changed = change === null ? null : change((row) => !this.#claimed.has(row));
    const measured = (saved: Saved, after: string | null): Measured => ({
      candidate,
      changed,
      ...saved,
      likelyNs: likelyNs(graph, candidate, changed, saved),
      after,
    });
    if (changed === null) return measured({ kernelNs: 0, gapNs: idleNs }, null);
    const today = retiming.saved(changed, idleNs);
    if (this.#host === null) return measured(today, null);
    const then = retiming.saved({ ...changed, hostKeepsUp: true }, idleNs);
    return then.kernelNs + then.gapNs > today.kernelNs + today.gapNs
      ? measured(then, this.#host)
      : measured(today, null);
  }

  #actionOf({ candidate, changed, kernelNs, gapNs, after }: Measured): RankedAction {
    const { graph, stage, stepNs } = this.#evidence;
    const { kind, title, where, toggle, proof, assuming, rule, sources } = candidate;
    const isFree = (row: Row): boolean => !this.#claimed.has(row) || this.#first.has(candidate);
    const rows = [...candidate.rows].filter(isFree).sort((a, b) => a - b);
    const names = new Set(rows.map((row) => kernelNameAt(graph.trace, row).demangled));
    const action: Action = {
      id: idOf(this.#evidence, candidate),
      kind,
      stage: stage.stage,
      title,
      do: candidate.do,
      where,
      ...candidate.retold?.(isFree),
      saves: savingOf({ kernelNs, gapNs }, stepNs),
      ...evidenceOf(graph, candidate, changed, { kernelNs, gapNs }),
      after,
      toggle,
      proof,
      assuming,
      rule,
      sources,
      claims: [...names].map(kernelId).sort(),
    };
    return { action, rows };
  }
}

function idOf({ stage }: StageEvidence, { kind, key, rule }: Candidate): string {
  return `${kind}-${stage.stage}-${rule ?? kernelId(key)}`;
}

interface Measured extends Saved {
  readonly candidate: Candidate;
  /** What it changes of what is still free; null where idle time alone goes. */
  readonly changed: Change | null;
  /** What of the saving is likely. */
  readonly likelyNs: Nanoseconds;
  /** Id of the action that must be done before; null where it saves today. */
  readonly after: string | null;
}

/** From this share of the step on waiting for the host swallows what faster kernels would gain. */
const SETS_THE_PACE_PCT = 15;

/** From here on the step is mostly waiting: what faster kernels would bring afterwards is no part of today's step. */
const MOSTLY_WAITS_PCT = 50;

/** So many of what comes after are named. */
const NEXT = 3;

/** Where the host sets the pace a faster kernel saves nothing today: what it would bring afterwards is said there. */
function withNext(
  { graph, stepNs }: StageEvidence,
  host: Candidate,
  kernels: readonly Candidate[],
): Candidate {
  // Below, each has a card of its own.
  if (percent(host.idleNs, stepNs) < MOSTLY_WAITS_PCT) return host;
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
    .map(({ title, ns }, _, all) => `${title} (${timeWords(all[0]!.ns)(ns)} of GPU time)`);
  return next.length === 0
    ? host
    : { ...host, do: `${host.do} Once the host keeps up, next come: ${next.join("; ")}.` };
}

/** What may be believed first, then what likely saves most. */
function bySaving(a: Measured, b: Measured): number {
  return (
    Number(b.candidate.kind === "recording") - Number(a.candidate.kind === "recording") ||
    b.likelyNs - a.likelyNs ||
    compareText(`${a.candidate.kind} ${a.candidate.key}`, `${b.candidate.kind} ${b.candidate.key}`)
  );
}

function meets(a: ReadonlySet<Row>, b: ReadonlySet<Row>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const row of few) if (many.has(row)) return true;
  return false;
}
