import type { StageName } from "../../model/framework.ts";
import type { TestKernel } from "../../model/rule.ts";
import type {
  KernelGraph,
  LayerPlan,
  Site,
  StageGraph,
  Step,
} from "../../model/trace/kernel-graph.ts";
import { GPU_KIND, type KernelName, type Trace } from "../../model/trace/trace.ts";
import { demangledName, kindOfName } from "../../names/kernel-name.ts";
import { buildSymbols, type Vocabulary } from "../attribution/symbols.ts";
import { assignRoles } from "../roles/assign-roles.ts";

/** A kernel of a hand-made graph: what a rule's test says, and for the engine's own tests also its step and device. */
export interface GraphKernel extends TestKernel {
  /** Scheduler step; 0 when left out. */
  readonly step?: number;
  readonly device?: number;
}

/** Kernels of one stage, written by hand. */
interface HandMade {
  readonly kernels: readonly GraphKernel[];
  readonly stage: StageName;
}

/**
 * The kernel graph of a few kernels written by hand, such as a rule's embedded test: one stage, no
 * host side, categories from the vocabulary, "Memcpy…" a copy and "Memset…" a fill.
 */
export function buildTestGraph(
  ruleSet: Vocabulary,
  kernels: readonly GraphKernel[],
  stage: StageName,
): KernelGraph {
  return buildTestGraphs(ruleSet, [{ kernels, stage }]);
}

/**
 * The same for many at once, each a stage of its own with its own streams and steps, in the order
 * given; one without kernels gives no stage. What their kernels are called is decided once.
 */
export function buildTestGraphs(ruleSet: Vocabulary, made: readonly HandMade[]): KernelGraph {
  const cases = made.filter(({ kernels }) => kernels.length > 0).map(rowsInTime);
  const rows = cases.flatMap((one) => one.rows);
  const streams = interned(
    cases.flatMap((one, index) =>
      one.rows.map((it) => JSON.stringify([it.device ?? 0, it.stream, index])),
    ),
  );
  const names = interned(rows.map((it) => it.name));
  const sites = interned(rows.map(siteKey), NO_SITE);
  const kindOf = names.values.map((name) => GPU_KIND[kindOfName(name)]);
  const kinds = names.ids.map((name) => kindOf[name]!);
  const siteList = sites.values.map(siteOf);
  const trace = traceOf(rows, kinds, names.values.map(unprinted), {
    keys: streams.values.map((key) => {
      const [device, stream] = JSON.parse(key) as [number, string, number];
      return { device, stream };
    }),
    ofRow: streams.ids,
    nameOfRow: names.ids,
  });
  const siteOfRow = Uint32Array.from(sites.ids);
  const steps: Step[] = [];
  const stages: StageGraph[] = [];
  const stepOf = new Int32Array(rows.length);
  let first = 0;
  for (const one of cases) {
    const mine = stepsOf(one, steps.length);
    for (const [index, row] of one.rows.entries())
      stepOf[first + index] = steps.length + (row.step ?? 0);
    steps.push(...mine);
    const events = Uint32Array.from(one.rows, (_, index) => first + index);
    const layers = layersOf(one.rows.map((row) => row.layer));
    stages.push({ stage: one.stage, steps: mine, events, layers });
    first += one.rows.length;
  }
  const placed = stages.map(({ events }) => ({ events, layers: null }));
  const named = buildSymbols(trace, siteList, siteOfRow, ruleSet);
  return {
    trace,
    ...assignRoles(trace, placed, stepOf, named, ruleSet.roles),
    sites: siteList,
    siteOf: siteOfRow,
    viaOf: new Uint8Array(rows.length),
    launchOf: new Int32Array(rows.length).fill(-1),
    isReplay: new Uint8Array(trace.launches.count),
    calls: {
      traces: [trace],
      traceOf: new Uint8Array(rows.length),
      opOf: new Int32Array(rows.length).fill(-1),
      launchOf: new Int32Array(rows.length).fill(-1),
    },
    steps,
    stepOf,
    stages,
  };
}

/** Rows of one stage, by start. */
interface Rows {
  readonly rows: readonly GraphKernel[];
  readonly stage: StageName;
}

function rowsInTime({ kernels, stage }: HandMade): Rows {
  const rows = kernels
    .map((kernel, order) => ({ kernel, order }))
    .sort((a, b) => a.kernel.start - b.kernel.start || a.order - b.order)
    .map(({ kernel }) => kernel);
  return { rows, stage };
}

/** A test's kernels stand in no table: nobody asks for the short spelling, which costs most. */
function unprinted(raw: string): KernelName {
  const demangled = demangledName(raw);
  return { raw, demangled, short: demangled };
}

/** Distinct texts in order of first appearance, `first` before all, and which one each text is. */
function interned(
  texts: readonly string[],
  ...first: readonly string[]
): { readonly values: readonly string[]; readonly ids: readonly number[] } {
  const known = new Map(first.map((text, id) => [text, id]));
  const ids = texts.map((text) => {
    const id = known.get(text) ?? known.size;
    known.set(text, id);
    return id;
  });
  return { values: [...known.keys()], ids };
}

/** The key of a kernel of which nothing but the name is known. */
const NO_SITE = JSON.stringify([null, null, null]);

function siteKey(kernel: TestKernel): string {
  return JSON.stringify([kernel.op, kernel.scope, kernel.frame]);
}

function siteOf(key: string): Site {
  const [op, scope, frame] = JSON.parse(key) as (string | null)[];
  const place = /^(\S+) (.+)$/.exec(frame ?? "");
  return {
    location: place?.[1] ?? frame ?? null,
    fn: place?.[2] ?? null,
    module: scope ?? null,
    modulePath: scope ?? null,
    cpuOp: op ?? null,
    topOp: op ?? null,
    shapes: null,
    types: null,
    stack: [],
  };
}

function stepsOf({ rows, stage }: Rows, first: number): readonly Step[] {
  const count = rows.reduce((most, row) => Math.max(most, (row.step ?? 0) + 1), 0);
  return Array.from({ length: count }, (_, index) => ({
    index: first + index,
    stage,
    label: "test",
    from: "annotation" as const,
    cpuStart: 0,
    cpuEnd: 0,
    batchSize: null,
    tokens: null,
    requests: { context: null, contextTokens: null, generation: null },
    phase: null,
    isUnknown: false,
  }));
}

function layersOf(layers: readonly number[]): LayerPlan | null {
  const count = Math.max(-1, ...layers) + 1;
  if (count === 0) return null;
  return {
    period: Math.round(layers.filter((layer) => layer >= 0).length / count),
    count,
    matchRatio: 1,
    layerOf: Int32Array.from(layers),
    positionOf: new Int32Array(layers.length).fill(-1),
    template: [],
  };
}

function traceOf(
  rows: readonly GraphKernel[],
  kinds: readonly number[],
  kernelNames: readonly KernelName[],
  streams: {
    readonly keys: Trace["streams"];
    readonly ofRow: readonly number[];
    readonly nameOfRow: readonly number[];
  },
): Trace {
  const count = rows.length;
  const none = (): Float64Array => new Float64Array(count).fill(-1);
  return {
    origin: {
      path: "(test)",
      role: "input",
      rank: null,
      rankFrom: null,
      bytes: 0,
      events: count,
      complete: true,
      damage: null,
      dropped: {},
      unreadable: 0,
      isCut: false,
      losses: [],
      salvaged: 0,
      processes: [],
    },
    baseUs: 0,
    strings: [""],
    gpu: {
      count,
      kind: Uint8Array.from(kinds),
      name: Uint32Array.from(streams.nameOfRow),
      stream: Uint16Array.from(streams.ofRow),
      start: Float64Array.from(rows, (row) => row.start),
      duration: Float64Array.from(rows, (row) => row.duration),
      correlation: none(),
      externalId: none(),
      graphId: none(),
      graphNodeId: none(),
      dims: new Uint32Array(count),
      bytes: new Float64Array(count),
      collective: new Uint32Array(count),
    },
    ...EMPTY_HOST,
    streams: streams.keys,
    threads: [],
    kernelNames,
    metadata: {
      devices: [],
      distributed: null,
      vendor: "unknown",
      vendorFrom: null,
      settings: {},
      other: {},
    },
  };
}

const NO_U8 = new Uint8Array(0);
const NO_U16 = new Uint16Array(0);
const NO_U32 = new Uint32Array(0);
const NO_F64 = new Float64Array(0);

/** The host side of a trace that has none. */
const EMPTY_HOST = {
  launches: {
    count: 0,
    api: NO_U8,
    name: NO_U32,
    thread: NO_U16,
    start: NO_F64,
    duration: NO_F64,
    correlation: NO_F64,
    externalId: NO_F64,
    kernel: NO_U32,
    dims: NO_U32,
    stream: NO_U32,
    detail: NO_U32,
  },
  ops: {
    count: 0,
    name: NO_U32,
    thread: NO_U16,
    start: NO_F64,
    duration: NO_F64,
    externalId: NO_F64,
    shapes: NO_U32,
    types: NO_U32,
    strides: NO_U32,
    concrete: NO_U32,
    collective: NO_U32,
  },
  frames: { count: 0, name: NO_U32, thread: NO_U16, start: NO_F64, duration: NO_F64 },
  annotations: {
    count: 0,
    name: NO_U32,
    onGpu: NO_U8,
    lane: NO_U16,
    start: NO_F64,
    duration: NO_F64,
    externalId: NO_F64,
    shapes: NO_U32,
    types: NO_U32,
  },
  syncs: {
    count: 0,
    name: NO_U32,
    stream: NO_U16,
    waitedFor: NO_U16,
    start: NO_F64,
    duration: NO_F64,
    correlation: NO_F64,
  },
} as const;
