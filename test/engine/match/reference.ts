import { fieldsOfSymbols } from "../../../src/engine/match/classes/kernel-fields.ts";
import { decisionsOf } from "../../../src/model/classes/class-decisions.ts";
import type { Occurrence } from "../../../src/model/finding.ts";
import type {
  AnyOrderPattern,
  ChainPattern,
  ClassId,
  Condition,
  Link,
  OverlapPattern,
  PatternStep,
  Rule,
  RuleSet,
  StateName,
  StatePattern,
} from "../../../src/model/rule.ts";
import type { KernelGraph, StageGraph } from "../../../src/model/trace/kernel-graph.ts";
import { gpuEnd, kernelNameAt } from "../../../src/model/trace/trace.ts";
import type { Row } from "../../../src/model/trace/units.ts";

/**
 * The meaning of a rule's patterns, written to be read rather than to be fast: no letters, no
 * automaton, no memory of dead ends. The fast matcher must give the same occurrences on every
 * input; a property test compares them. Share nothing with it but the model.
 */
export function referenceOccurrences(
  ruleSet: RuleSet,
  rule: Rule,
  graph: KernelGraph,
  stage: StageGraph,
): readonly Occurrence[] {
  const world = new World(ruleSet, graph, stage);
  const found: Occurrence[] = [];
  for (const state of ["active", "partial", "split"] as const satisfies readonly StateName[])
    for (const [index, pattern] of rule.states.entries())
      if (pattern.state === state) found.push(...occurrencesOf(world, pattern, index));
  const first = (it: Occurrence): number => Math.min(...it.rows.flat());
  return found.sort((a, b) => first(a) - first(b) || a.pattern - b.pattern);
}

/** Kernels per step, by row. */
type Assignment = readonly (readonly Row[])[];

/** One stage, its streams, and the kernels already spoken for. */
class World {
  readonly graph: KernelGraph;
  readonly stage: StageGraph;
  readonly taken = new Set<Row>();
  /** Rows per stream, in time order. */
  readonly streams: readonly (readonly Row[])[];
  readonly #inClass: (id: ClassId, symbol: number) => boolean;

  constructor(ruleSet: RuleSet, graph: KernelGraph, stage: StageGraph) {
    this.graph = graph;
    this.stage = stage;
    const rows = [...stage.events];
    this.streams = graph.trace.streams.map((_, stream) =>
      rows.filter((row) => graph.trace.gpu.stream[row] === stream),
    );
    const matcher = decisionsOf(ruleSet);
    const fields = fieldsOfSymbols(graph);
    const symbolsIn = ruleSet.classes.map(
      (_, id) =>
        new Set([...fields.keys()].filter((symbol) => matcher.matches(id, fields[symbol]!))),
    );
    this.#inClass = (id, symbol) => symbolsIn[id]!.has(symbol);
  }

  is(row: Row, id: ClassId): boolean {
    return this.#inClass(id, this.graph.symbolOf[row]!);
  }

  /** A kernel that may stand for this step. */
  fits(row: Row, step: PatternStep): boolean {
    return !this.taken.has(row) && this.is(row, step.class);
  }

  sameStep(a: Row, b: Row): boolean {
    return this.graph.stepOf[a] === this.graph.stepOf[b];
  }

  start(row: Row): number {
    return this.graph.trace.gpu.start[row]!;
  }

  end(row: Row): number {
    return gpuEnd(this.graph.trace.gpu, row);
  }

  /** Time between the first and the last of these rows in which none of them runs. */
  idle(rows: readonly Row[]): number {
    let idle = 0;
    for (let i = 1; i < rows.length; i++) {
      const busyUntil = Math.max(...rows.slice(0, i).map((row) => this.end(row)));
      idle += Math.max(0, this.start(rows[i]!) - busyUntil);
    }
    return idle;
  }

  layer(row: Row): number {
    return this.stage.layers?.layerOf[this.stage.events.indexOf(row)] ?? -1;
  }
}

function occurrencesOf(world: World, state: StatePattern, index: number): Occurrence[] {
  const all = assignmentsOf(world, state);
  const counted = all.length >= state.repeat.min ? all : [];
  for (const rows of all)
    if (!counted.includes(rows)) for (const row of rows.flat()) world.taken.delete(row);
  return counted.map((rows) => {
    const used = rows.flat();
    const stream = world.streams.find((lane) => lane.includes(used[0]!))!;
    const from = stream.indexOf(Math.min(...used));
    const to = stream.indexOf(Math.max(...used));
    const gapNs = state.pattern.kind === "overlap" ? 0 : world.idle(stream.slice(from, to + 1));
    return { state: state.state, pattern: index, rows, gapNs };
  });
}

/** Matches that share no kernel, leftmost first; their kernels are taken. */
function assignmentsOf(world: World, state: StatePattern): readonly Assignment[] {
  const { pattern, where } = state;
  const found: Assignment[] = [];
  const accept = (rows: Assignment): void => {
    for (const row of rows.flat()) world.taken.add(row);
    found.push(rows);
  };
  if (pattern.kind === "overlap") {
    for (const row of world.stage.events) {
      const rows = overlapAt(world, pattern, where, row);
      if (rows !== null) accept(rows);
    }
    return found;
  }
  for (const stream of world.streams)
    for (let start = 0; start < stream.length; start++) {
      const rows =
        pattern.kind === "chain"
          ? chainAt(world, pattern, where, stream, start)
          : anyOrderAt(world, pattern, where, stream, start);
      if (rows !== null) accept(rows);
    }
  return found;
}

/** First of all ways to lay the chain from `start` whose conditions hold. */
function chainAt(
  world: World,
  pattern: ChainPattern,
  where: readonly Condition[],
  stream: readonly Row[],
  start: number,
): Assignment | null {
  for (const positions of waysFrom(world, pattern, stream, start, 0, null)) {
    const rows = positions.map((run) => run.map((position) => stream[position]!));
    if (rows.flat().length > 0 && allHold(world, where, pattern.steps, rows)) return rows;
  }
  return null;
}

/** Where the last step with kernels lies. */
interface Behind {
  readonly step: number;
  readonly position: number;
}

/** All ways to lay the steps from `index` on: nearest kernel first, then the longest repeat, absent last. */
function* waysFrom(
  world: World,
  pattern: ChainPattern,
  stream: readonly Row[],
  start: number,
  index: number,
  behind: Behind | null,
): Generator<readonly (readonly number[])[]> {
  const step = pattern.steps[index];
  if (step === undefined) {
    yield [];
    return;
  }
  const link = behind === null ? null : linkBetween(pattern.links, behind.step, index);
  for (let first = start; first < stream.length; first++) {
    if (behind === null && first > start) break;
    if (behind !== null && first <= behind.position) continue;
    if (behind !== null && !mayFollow(world, link!, stream, behind.position, first)) continue;
    for (let length = step.max; length >= Math.max(1, step.min); length--) {
      const run = Array.from({ length }, (_, i) => first + i);
      if (!isRun(world, step, stream, run)) continue;
      const next = { step: index, position: first + length - 1 };
      for (const rest of waysFrom(world, pattern, stream, start, index + 1, next))
        yield [run, ...rest];
    }
  }
  if (step.min === 0)
    for (const rest of waysFrom(world, pattern, stream, start, index + 1, behind))
      yield [[], ...rest];
}

/** Neighbours of one scheduler step that all fit. */
function isRun(
  world: World,
  step: PatternStep,
  stream: readonly Row[],
  run: readonly number[],
): boolean {
  return run.every((position) => {
    const row = stream[position];
    return row !== undefined && world.fits(row, step) && world.sameStep(row, stream[run[0]!]!);
  });
}

/** The link between two steps, all between them absent: the looser limits, everything either lets past or forbids. */
function linkBetween(links: readonly Link[], from: number, to: number): Link {
  const between = links.slice(from, to);
  const gaps = between.map((link) => link.gap);
  return {
    skip: Math.max(...between.map((link) => link.skip)),
    gap: gaps.includes(null) ? null : Math.max(...gaps.map((gap) => gap!)),
    past: between.flatMap((link) => link.past),
    without: between.flatMap((link) => link.without),
  };
}

function mayFollow(
  world: World,
  link: Link,
  stream: readonly Row[],
  from: number,
  to: number,
): boolean {
  const between = stream.slice(from + 1, to);
  if (between.some((row) => link.without.some((id) => world.is(row, id)))) return false;
  const past = between.filter((row) => link.past.some((id) => world.is(row, id)));
  if (past.length > 64 || between.length - past.length > link.skip) return false;
  if (link.gap !== null) return world.idle(stream.slice(from, to + 1)) <= link.gap;
  return stream.slice(from, to + 1).every((row) => world.sameStep(row, stream[from]!));
}

/** Kernels go to the first written step they fit, until every step has its least number. */
function anyOrderAt(
  world: World,
  pattern: AnyOrderPattern,
  where: readonly Condition[],
  stream: readonly Row[],
  start: number,
): Assignment | null {
  let rows: Assignment = pattern.steps.map(() => []);
  for (const row of stream.slice(start, start + pattern.within)) {
    if (!world.sameStep(row, stream[start]!)) return null;
    const index = pattern.steps.findIndex((step, i) => {
      const grown = rows.map((picked, j) => (i === j ? [...picked, row] : picked));
      return (
        rows[i]!.length < step.max &&
        world.fits(row, step) &&
        allHold(world, where, pattern.steps, grown)
      );
    });
    if (index < 0 && row === stream[start]) return null;
    if (index < 0) continue;
    rows = rows.map((picked, i) => (i === index ? [...picked, row] : picked));
    if (pattern.steps.every((step, i) => rows[i]!.length >= step.min)) return rows;
  }
  return null;
}

/** The kernel with those of the second class it shares most time with, on other streams of its device. */
function overlapAt(
  world: World,
  pattern: OverlapPattern,
  where: readonly Condition[],
  row: Row,
): Assignment | null {
  if (!world.fits(row, pattern.first)) return null;
  const steps = [pattern.first, pattern.second];
  const { gpu, streams } = world.graph.trace;
  const shared = (other: Row): number =>
    Math.min(world.end(row), world.end(other)) - Math.max(world.start(row), world.start(other));
  const partners = [...world.stage.events]
    .filter((other) => other !== row && world.fits(other, pattern.second))
    .filter((other) => gpu.stream[other] !== gpu.stream[row])
    .filter((other) => streams[gpu.stream[other]!]!.device === streams[gpu.stream[row]!]!.device)
    .filter((other) => shared(other) > 0)
    .filter(
      (other) =>
        shared(other) >= pattern.minShare * Math.min(gpu.duration[row]!, gpu.duration[other]!),
    )
    .filter((other) => allHold(world, where, steps, [[row], [other]]))
    .sort((a, b) => shared(b) - shared(a) || a - b)
    .slice(0, Math.max(1, pattern.second.max))
    .sort((a, b) => a - b);
  return partners.length >= Math.max(1, pattern.second.min) ? [[row], partners] : null;
}

/** No pair of captured kernels contradicts a condition; what the trace does not tell contradicts nothing. */
function allHold(
  world: World,
  where: readonly Condition[],
  steps: readonly PatternStep[],
  rows: Assignment,
): boolean {
  return where.every(({ left, right, equal }) => {
    const captured = (capture: string): readonly Row[] =>
      rows[steps.findIndex((step) => step.capture === capture)]!;
    return captured(left.capture).every((a) =>
      captured(right.capture).every((b) => {
        const x = conditionValue(world, a, left.field);
        const y = conditionValue(world, b, right.field);
        return x === null || y === null || (x === y) === equal;
      }),
    );
  });
}

function conditionValue(world: World, row: Row, field: Condition["left"]["field"]): string | null {
  const { graph } = world;
  const site = graph.sites[graph.siteOf[row]!]!;
  const stream = graph.trace.gpu.stream[row]!;
  if (field === "stream") return `${stream}`;
  if (field === "device") return `${graph.trace.streams[stream]!.device}`;
  if (field === "scope") return site.modulePath ?? site.module;
  if (field === "op") return site.cpuOp;
  if (field === "name") return kernelNameAt(graph.trace, row).demangled;
  return world.layer(row) < 0 ? null : `${world.layer(row)}`;
}
