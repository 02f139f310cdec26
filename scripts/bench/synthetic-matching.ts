import { buildTestGraph } from "../../src/engine/rule-tests/test-graph.ts";
import type {
  ChainPattern,
  ClassId,
  KernelClass,
  Pattern,
  PatternStep,
  Rule,
  RuleSet,
  StatePattern,
} from "../../src/model/rule.ts";
import type { KernelGraph } from "../../src/model/trace/kernel-graph.ts";

/** Distinct kernels of the synthetic model; a layer runs LAYER of them. */
const KERNELS = 2000;
const LAYER = 60;
const GAP_NS = 1000;

/** The same numbers on every machine (a linear congruential generator, Numerical Recipes' constants). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Rules as the shipped ones are: a fused kernel, and two to four pieces with a skip and a gap; every
 * thirtieth an unordered group, every thirtieth an overlap. Every tenth rule names neighbours of the
 * synthetic layer and is found in each; the others name kernels anywhere.
 */
export function syntheticRules(count: number): RuleSet {
  const random = randomFrom(7);
  const classes: KernelClass[] = Array.from({ length: KERNELS }, (_, kernel) => ({
    name: `k${kernel}`,
    expr: { kind: "glob", field: "name", glob: `*kernel_${kernel}_x*` },
  }));
  const rules = Array.from({ length: count }, (_, index) => {
    const first = index % 10 === 0 ? (index * 2) % LAYER : null;
    const kernel = (at: number): ClassId =>
      first === null ? random(KERNELS) : (first + at) % LAYER;
    const step = (at: number): PatternStep => ({
      class: kernel(at),
      capture: `c${at}`,
      min: 1,
      max: 1,
    });
    const length = 2 + random(3);
    const steps = Array.from({ length }, (_, at) => step(at));
    return ruleOf(index, [
      stateOf("active", {
        kind: "chain",
        steps: [{ ...step(0), class: random(KERNELS) }],
        links: [],
      }),
      stateOf("split", splitPattern(index, steps)),
    ]);
  });
  return {
    edition: 1,
    digest: "",
    path: "",
    classes,
    categories: [],
    roles: [],
    libraries: [],
    rules,
    works: [],
    repos: {},
  };
}

function splitPattern(index: number, steps: readonly PatternStep[]): Pattern {
  if (index % 30 === 11) return { kind: "any-order", steps, within: 12 };
  if (index % 30 === 12)
    return { kind: "overlap", first: steps[0]!, second: steps[1]!, minShare: 0.2 };
  const links: ChainPattern["links"] = steps.slice(1).map(() => ({
    skip: 1,
    past: [],
    gap: 5 * GAP_NS,
    without: [],
  }));
  return { kind: "chain", steps, links };
}

function stateOf(state: StatePattern["state"], pattern: Pattern): StatePattern {
  return { state, pattern, where: [], repeat: { min: 1 } };
}

function ruleOf(index: number, states: readonly StatePattern[]): Rule {
  return {
    id: `rule-${String(index).padStart(3, "0")}`,
    kind: index % 30 === 12 ? "overlap" : "fusion",
    origin: "bench",
    file: "",
    title: "",
    status: "mainline",
    prs: [],
    checked: null,
    replacedBy: null,
    since: null,
    owner: null,
    rev: null,
    refs: [],
    tags: [],
    sources: [],
    guards: [],
    states,
    reportShare: 0,
    subsumes: [],
    conflicts: [],
    messages: [],
    toggle: null,
    saves: null,
    tests: [],
  };
}

/**
 * A stage of layers on two streams: every layer runs the same kernels, one in twenty of them
 * replaced by any other, so that chains also break. Columns nobody matches on stay empty.
 */
export function syntheticGraph(ruleSet: RuleSet, events: number): KernelGraph {
  const random = randomFrom(11);
  const seed = buildTestGraph(
    ruleSet,
    Array.from({ length: KERNELS }, (_, kernel) => ({
      stream: kernel % 2 === 0 ? "main" : "side",
      name: `void ns::kernel_${kernel}_x<float>`,
      start: kernel,
      duration: 1,
      op: null,
      scope: null,
      frame: null,
      layer: -1,
    })),
    "decode",
  );
  const symbolOf = new Uint32Array(events);
  const stream = new Uint16Array(events);
  const start = new Float64Array(events);
  const duration = new Float64Array(events);
  const clocks = [0, 0];
  for (let row = 0; row < events; row++) {
    const kernel = random(20) === 0 ? random(KERNELS) : row % LAYER;
    symbolOf[row] = kernel;
    stream[row] = Number(random(8) === 0);
    const lane = stream[row]!;
    const begins = Math.max(clocks[0]!, lane === 1 ? clocks[1]! : 0) + GAP_NS;
    start[row] = begins;
    duration[row] = 2000 + random(8000);
    clocks[lane] = begins + (lane === 0 ? duration[row]! : 0);
  }
  const none = new Float64Array(0);
  return {
    ...seed,
    trace: {
      ...seed.trace,
      gpu: {
        ...seed.trace.gpu,
        count: events,
        kind: new Uint8Array(events),
        name: symbolOf,
        stream,
        start,
        duration,
        correlation: none,
        externalId: none,
        graphId: none,
        graphNodeId: none,
        dims: new Uint32Array(0),
        bytes: none,
        collective: new Uint32Array(0),
      },
    },
    symbolOf,
    siteOf: new Uint32Array(events),
    viaOf: new Uint8Array(0),
    launchOf: new Int32Array(0),
    isReplay: new Uint8Array(0),
    stepOf: new Int32Array(events),
    stages: [
      {
        stage: "decode",
        steps: seed.steps,
        events: Uint32Array.from({ length: events }, (_, i) => i),
        layers: null,
      },
    ],
  };
}
