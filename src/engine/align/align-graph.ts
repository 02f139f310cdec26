import { type Affinity, createAffinity, pairScore } from "./affinity.ts";
import { keepsPromise } from "./op-words.ts";
import { alignSequences, type KernelStep, type LaunchStep, UNKNOWN } from "./sequence.ts";

/** The replayed kernels of one graph launch, stream by stream, busiest stream first. */
interface ReplayLanes {
  readonly lanes: readonly (readonly KernelStep[])[];
}

export type AlignMethod = "positional" | "sequence" | "none";

export interface GraphAlignment {
  readonly method: AlignMethod;
  /** Per lane, per kernel: launch index or -1. */
  readonly launchOf: readonly Int32Array[];
  /** Pairs that are sure: by name, or without an equally good alternative. */
  readonly sure: readonly Uint8Array[];
  /** True when kernel names backed the pairs; false when only order, count and op classes did. */
  readonly named: boolean;
}

/** Learning converges in two or three rounds on real captures; more only costs time. */
const ROUNDS = 4;
/** Without names: so many of the pairs whose op promises a category must keep it to be believed. */
const LEAST_AGREEMENT = 0.8;
/** From here on the sequence as a whole is right, and a site that always breaks its promise is misnamed. */
const FULL_AGREEMENT = 0.9;
/** Support from which on a site's kernel is its usual one. */
const USUAL = 2;
/** A pair needs to beat every alternative site by this much; ties are left to the layer context. */
const SURE_MARGIN = 0.5;

/**
 * Aligns one replay with one captured graph. Exact position where one lane holds as many kernels as
 * there were launches and every pair fits; otherwise sequence alignment, lane by lane, each lane
 * taking from the launches the lanes before it left over.
 */
export function alignGraph(replay: ReplayLanes, launches: readonly LaunchStep[]): GraphAlignment {
  const named = launches.some((launch) => launch.name !== UNKNOWN);
  return positional(replay, launches, named) ?? bySequence(replay, launches, named);
}

function positional(
  replay: ReplayLanes,
  launches: readonly LaunchStep[],
  named: boolean,
): GraphAlignment | null {
  const [lane] = replay.lanes;
  if (replay.lanes.length !== 1 || lane === undefined || lane.length !== launches.length)
    return null;
  const score = pairScore(null);
  let told = 0;
  let agreeing = 0;
  for (let i = 0; i < lane.length; i++) {
    if (score(lane[i]!, launches[i]!) === Number.NEGATIVE_INFINITY) return null;
    const promised = launches[i]!.category;
    if (promised === null) continue;
    told++;
    if (keepsPromise(lane[i]!.category, promised)) agreeing++;
  }
  // Without names equal counts prove little: the ops must promise what the kernels are.
  if (!named && agreeing < FULL_AGREEMENT * told) return null;
  return {
    method: "positional",
    launchOf: [Int32Array.from(lane, (_, i) => i)],
    sure: [new Uint8Array(lane.length).fill(1)],
    named,
  };
}

function bySequence(
  replay: ReplayLanes,
  launches: readonly LaunchStep[],
  named: boolean,
): GraphAlignment {
  let pass = runLanes(replay, launches, pairScore(null));
  if (!named) {
    for (let round = 1; round < ROUNDS; round++) {
      const affinity = learnt(replay, launches, pass.launchOf);
      const next = runLanes(replay, launches, pairScore(affinity));
      const settled = same(pass.launchOf, next.launchOf);
      pass = next;
      if (settled) break;
    }
  }
  if (!named) doubtMismatches(replay, launches, pass);
  const any = pass.launchOf.some((lane) => lane.some((launch) => launch >= 0));
  return { method: any ? "sequence" : "none", ...pass, named };
}

/** What each site launched in an alignment. */
function learnt(
  replay: ReplayLanes,
  launches: readonly LaunchStep[],
  launchOf: readonly Int32Array[],
): Affinity {
  const affinity = createAffinity();
  launchOf.forEach((lane, index) => {
    lane.forEach((launch, i) => {
      if (launch >= 0) affinity.learn(launches[launch]!.site, replay.lanes[index]![i]!.name);
    });
  });
  return affinity;
}

/**
 * Learning confirms itself: a sequence that slipped by one kernel stays slipped in every layer. So
 * what was learned never outvotes what an op announces, and where too many pairs disagree with it
 * the whole alignment is not believed.
 */
function doubtMismatches(
  replay: ReplayLanes,
  launches: readonly LaunchStep[],
  { launchOf, sure }: { readonly launchOf: Int32Array[]; readonly sure: Uint8Array[] },
): void {
  let told = 0;
  let agreeing = 0;
  const broken: [lane: number, kernel: number][] = [];
  launchOf.forEach((lane, index) => {
    lane.forEach((launch, i) => {
      const announced = launch < 0 ? null : launches[launch]!.category;
      if (announced === null) return;
      told++;
      if (keepsPromise(replay.lanes[index]![i]!.category, announced)) agreeing++;
      else broken.push([index, i]);
    });
  });
  if (agreeing < LEAST_AGREEMENT * told) for (const lane of sure) lane.fill(0);
  const usual = learnt(replay, launches, launchOf);
  for (const [lane, i] of broken) {
    const { site } = launches[launchOf[lane]![i]!]!;
    const isUsual = usual.support(site, replay.lanes[lane]![i]!.name) >= USUAL;
    if (!(isUsual && agreeing >= FULL_AGREEMENT * told)) sure[lane]![i] = 0;
  }
}

function runLanes(
  replay: ReplayLanes,
  launches: readonly LaunchStep[],
  score: ReturnType<typeof pairScore>,
): { launchOf: Int32Array[]; sure: Uint8Array[] } {
  let left = launches.map((_, index) => index);
  const launchOf: Int32Array[] = [];
  const sure: Uint8Array[] = [];
  // Launches of the other lanes are interleaved with this one's, so passing over them is cheap.
  const gaps = { kernel: 1, launch: replay.lanes.length > 1 ? 0.1 : 1 };
  for (const lane of replay.lanes) {
    const offered = left.map((index) => launches[index]!);
    const found = alignSequences(lane, offered, score, gaps);
    const pairs = found.launchOf.map((index) => (index < 0 ? -1 : left[index]!));
    launchOf.push(Int32Array.from(pairs));
    sure.push(
      Uint8Array.from(found.margin, (margin, i) => Number(pairs[i]! >= 0 && margin >= SURE_MARGIN)),
    );
    const taken = new Set(pairs);
    left = left.filter((index) => !taken.has(index));
  }
  return { launchOf, sure };
}

function same(a: readonly Int32Array[], b: readonly Int32Array[]): boolean {
  return a.every((lane, i) => lane.every((value, j) => value === b[i]![j]));
}
