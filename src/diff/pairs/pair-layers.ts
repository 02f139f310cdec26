import type { LayerKernel } from "../../model/contracts/report.ts";

/** Two positions that do the same work, or one that has no counterpart. */
export type PairedPosition = readonly [before: LayerKernel | null, after: LayerKernel | null];

/**
 * Pairs the positions of two layers in order. Layers are rings: where a fusion came or went the
 * repetition may be found one kernel earlier, so both are turned to start at the same kernel first.
 * Then the best alignment: equal kernels before kernels of one role, before kernels of one category.
 */
export function pairLayers(
  before: readonly LayerKernel[],
  after: readonly LayerKernel[],
): readonly PairedPosition[] {
  const [fromBefore, fromAfter] = commonStart(before, after);
  const pairs = byPlace(align(turned(before, fromBefore), turned(after, fromAfter)));
  const place = ([one, other]: PairedPosition): number => one?.position ?? other!.position;
  // Told in the order of the layer, as far as both agree on it.
  const first = pairs.findIndex(([one]) => one?.position === 0);
  return first > 0 && place(pairs[first]!) === 0
    ? [...pairs.slice(first), ...pairs.slice(0, first)]
    : pairs;
}

function turned<T>(ring: readonly T[], start: number): readonly T[] {
  return [...ring.slice(start), ...ring.slice(0, start)];
}

/**
 * A kernel of both layers on the turn that brings most equal kernels together. Kernels that come
 * once in each layer decide, where there are any: others meet on turns that mean nothing.
 */
function commonStart(
  before: readonly LayerKernel[],
  after: readonly LayerKernel[],
): readonly [number, number] {
  const once = (layer: readonly LayerKernel[]): ReadonlySet<string> => {
    const names = layer.map(({ kernel }) => kernel);
    return new Set(
      names.filter((name, at) => names.indexOf(name) === at && names.lastIndexOf(name) === at),
    );
  };
  const [inBefore, inAfter] = [once(before), once(after)];
  const unique = before.filter(({ kernel }) => inBefore.has(kernel) && inAfter.has(kernel));
  const votes = new Uint32Array(after.length);
  const first = new Map<number, readonly [number, number]>();
  for (const [i, one] of before.entries())
    for (const [j, other] of after.entries()) {
      if (one.kernel !== other.kernel) continue;
      if (unique.length > 0 && !(inBefore.has(one.kernel) && inAfter.has(one.kernel))) continue;
      const turn = (((j - i) % after.length) + after.length) % after.length;
      votes[turn]!++;
      if (!first.has(turn)) first.set(turn, [i, j]);
    }
  const most = votes.reduce((a, b) => Math.max(a, b), 0);
  return first.get(votes.indexOf(most)) ?? [0, 0];
}

function align(
  before: readonly LayerKernel[],
  after: readonly LayerKernel[],
): readonly PairedPosition[] {
  const width = after.length + 1;
  // best[i][j]: what the rest from i and j on can be worth.
  const best = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const skip = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
      const worth = likeness(before[i]!, after[j]!);
      const paired = worth === 0 ? 0 : worth + best[(i + 1) * width + j + 1]!;
      best[i * width + j] = Math.max(skip, paired);
    }
  const pairs: PairedPosition[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const here = best[i * width + j]!;
    const worth = i < before.length && j < after.length ? likeness(before[i]!, after[j]!) : 0;
    if (worth > 0 && here === worth + best[(i + 1) * width + j + 1]!)
      pairs.push([before[i++]!, after[j++]!]);
    else if (i < before.length && here === best[(i + 1) * width + j]!)
      pairs.push([before[i++]!, null]);
    else pairs.push([null, after[j++]!]);
  }
  return pairs;
}

/** True for a kernel of which nothing but its place is known. */
function isUnknown({ category, role }: LayerKernel): boolean {
  return category === OTHER && role === null;
}

const OTHER = "other";

/**
 * Between two pairs kernels went and others came, one of them of unknown name: the place is the
 * same, so the longest of either side are a pair.
 */
function byPlace(pairs: readonly PairedPosition[]): readonly PairedPosition[] {
  const found: PairedPosition[] = [];
  for (const run of runsBetween(pairs)) {
    const [gone, come] = sidesOf(run);
    if (!isTaken(gone, come)) {
      found.push(...run);
      continue;
    }
    const [one, other] = [longest(gone), longest(come)];
    let isDone = false;
    for (const pair of run) {
      const isChosen = pair[0] === one || pair[1] === other;
      if (!isChosen) found.push(pair);
      else if (!isDone) {
        found.push([one, other]);
        isDone = true;
      }
    }
  }
  return found;
}

/** Positions without a counterpart that lie together, and each pair by itself. */
function runsBetween(pairs: readonly PairedPosition[]): PairedPosition[][] {
  const runs: PairedPosition[][] = [];
  for (const [at, pair] of pairs.entries()) {
    const joins = at > 0 && !isPair(pair) && !isPair(pairs[at - 1]);
    if (joins) runs.at(-1)!.push(pair);
    else runs.push([pair]);
  }
  return runs;
}

function sidesOf(run: readonly PairedPosition[]): readonly [LayerKernel[], LayerKernel[]] {
  return [run.flatMap(([one]) => one ?? []), run.flatMap(([, other]) => other ?? [])];
}

/** True where kernels of known and of unknown name gave way to each other. */
function isTaken(gone: readonly LayerKernel[], come: readonly LayerKernel[]): boolean {
  if (gone.length === 0 || come.length === 0) return false;
  return Math.min(gone.length, come.length) === 1 && [...gone, ...come].some(isUnknown);
}

function longest(kernels: readonly LayerKernel[]): LayerKernel {
  return kernels.reduce((a, b) => (b.medianUs > a.medianUs ? b : a));
}

function isPair(pair: PairedPosition | undefined): boolean {
  return pair !== undefined && pair[0] !== null && pair[1] !== null;
}

/** Short names of kernels in whose place the other side has one of unknown name. */
export function takenPlaces(pairs: readonly PairedPosition[]): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const [at, [one, other]] of pairs.entries()) {
    if (one === null || other === null || one.kernel === other.kernel) continue;
    const besides = neighbours(pairs, at);
    if (isUnknown(other)) for (const { shortName } of [one, ...besides]) taken.add(shortName);
    if (isUnknown(one)) for (const { shortName } of [other, ...besides]) taken.add(shortName);
  }
  return taken;
}

/**
 * Per kernel's short name those that stand in its place on the other side. Where more kernels came
 * than went, work fell apart: nothing gave way there.
 */
export function gaveWayTo(
  pairs: readonly PairedPosition[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [at, [one, other]] of pairs.entries()) {
    if (one === null || other === null || one.kernel === other.kernel) continue;
    const besides = neighbours(pairs, at);
    const gone = besides.filter((kernel) => pairs.some(([mine]) => mine === kernel));
    if (gone.length < besides.length) continue;
    for (const { shortName } of [one, ...gone]) {
      const came = found.get(shortName) ?? new Set();
      found.set(shortName, came.add(other.shortName));
    }
  }
  return found;
}

/** Kernels beside a pair that have no counterpart: one kernel may do the work of several. */
function neighbours(pairs: readonly PairedPosition[], at: number): LayerKernel[] {
  const found: LayerKernel[] = [];
  for (const way of [-1, 1])
    for (let next = at + way; ; next += way) {
      const pair = pairs[next];
      if (pair === undefined || isPair(pair)) break;
      found.push((pair[0] ?? pair[1])!);
    }
  return found;
}

/** Which way a copy from or to the host goes; "" of anything else. */
function hostWay({ kernel }: LayerKernel): string {
  return /HtoD|DtoH/.exec(kernel)?.[0] ?? "";
}

/** 0 = never a pair. */
function likeness(one: LayerKernel, other: LayerKernel): number {
  const samePlace = one.location !== null && one.location === other.location ? 1 : 0;
  if (one.kernel === other.kernel) return 10 + samePlace;
  // The host waits for what it copies: no kernel does that in its place.
  if (hostWay(one) !== hostWay(other)) return 0;
  if (one.role !== null && one.role === other.role) return 6 + samePlace;
  if (one.category !== other.category) return 0;
  // That nobody knows either is nothing they have in common.
  if (one.category === OTHER) return samePlace;
  return 2 + 3 * samePlace;
}
