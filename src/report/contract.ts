import { VIA } from "../model/kernel-graph.ts";
import type { Report } from "../model/report.ts";

/** How a leaf of the contract is written: numbers are rounded to `decimals`, the rest stays as it is. */
interface Leaf {
  readonly leaf: true;
  readonly decimals: number | null;
}
export const plain: Leaf = { leaf: true, decimals: null };
/** Microseconds: the nanosecond is the last digit that means anything. */
export const us: Leaf = { leaf: true, decimals: 3 };
export const pct: Leaf = { leaf: true, decimals: 4 };
const ratio: Leaf = { leaf: true, decimals: 6 };

/**
 * Order of keys and rounding of numbers for a type: one entry per field, in output order. The
 * compiler refuses it when the contract gains or loses a field.
 */
export type Shape<T> = T extends readonly (infer Item)[]
  ? Item extends object
    ? { readonly each: Shape<Item> }
    : Leaf
  : T extends object
    ? string extends keyof T
      ? Leaf
      : { readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> }
    : Leaf;

export const spread = { medianUs: us, p10Us: us, p90Us: us };
const source = { repo: plain, commit: plain, path: plain, symbol: plain, url: plain };

const CONTRACT: Shape<Report> = {
  schemaVersion: plain,
  tool: { name: plain, version: plain },
  rules: { path: plain, digest: plain, edition: plain, count: plain },
  mode: plain,
  overlapBasis: plain,
  framework: plain,
  frameworkEvidence: plain,
  traces: {
    each: {
      path: plain,
      role: plain,
      rank: plain,
      events: plain,
      gpuEvents: plain,
      complete: plain,
      damage: plain,
      choice: plain,
    },
  },
  model: plain,
  modelFrom: plain,
  serverArgs: plain,
  serverArgsPath: plain,
  gpu: { name: plain, vendor: plain, arch: plain, count: plain },
  parallel: { tp: plain, pp: plain, dp: plain, ep: plain, worldSize: plain, from: plain },
  minSharePct: pct,
  located: {
    pct,
    byMethod: Object.fromEntries(VIA.map((via) => [via, pct])) as Record<
      (typeof VIA)[number],
      Leaf
    >,
  },
  actions: {
    each: {
      id: plain,
      kind: plain,
      stage: plain,
      title: plain,
      do: plain,
      where: plain,
      saves: { kernelUs: us, gapUs: us, pctOfStep: pct },
      toggle: plain,
      proof: plain,
      assuming: plain,
      rule: plain,
      sources: { each: source },
      claims: plain,
    },
  },
  stages: {
    each: {
      stage: plain,
      steps: plain,
      requests: {
        context: plain,
        contextTokens: plain,
        generation: plain,
        batch: plain,
        tokens: plain,
        graphs: plain,
        phase: plain,
      },
      phases: { each: { phase: plain, steps: plain, duration: spread, gpuTimeUs: us } },
      outsideSteps: { events: plain, beforeUs: us, betweenUs: us, afterUs: us },
      stageFrom: plain,
      timeline: {
        totalUs: us,
        busyUs: us,
        idleUs: us,
        computeUs: us,
        commUs: us,
        exposedCommUs: us,
        memoryUs: us,
        exposedMemoryUs: us,
        gpuTimeUs: us,
        idleCauses: { each: { cause: plain, us, note: plain } },
      },
      stepTimes: {
        count: plain,
        duration: spread,
        gpuTime: spread,
        busy: spread,
        idle: spread,
        exposedComm: spread,
      },
      ledger: {
        each: { part: plain, reason: plain, what: plain, us, pct, of: plain, note: plain },
      },
      layers: {
        period: plain,
        count: plain,
        matchRatio: ratio,
        template: {
          each: {
            position: plain,
            lane: plain,
            kernel: plain,
            shortName: plain,
            category: plain,
            role: plain,
            roleFrom: plain,
            roleGround: plain,
            module: plain,
            location: plain,
            launches: plain,
            otherLaunches: plain,
            avgUs: us,
            ...spread,
            gapBefore: spread,
          },
        },
      },
      kernels: {
        each: {
          id: plain,
          name: plain,
          shortName: plain,
          category: plain,
          role: plain,
          roleFrom: plain,
          roles: {
            each: { role: plain, from: plain, ground: plain, launches: plain, totalUs: us },
          },
          totalUs: us,
          sharePct: pct,
          launches: plain,
          avgUs: us,
          minUs: us,
          maxUs: us,
          ...spread,
          perStep: { launches: ratio, us },
          sites: {
            each: {
              location: plain,
              function: plain,
              module: plain,
              cpuOp: plain,
              launches: plain,
              totalUs: us,
              via: plain,
            },
          },
        },
      },
      overlap: {
        each: {
          rule: plain,
          priority: plain,
          verdict: plain,
          kernel: plain,
          category: plain,
          location: plain,
          totalUs: us,
          sharePct: pct,
          exclusivePct: pct,
          hiddenPct: pct,
          saveAtMostUs: us,
          dependencyRisk: plain,
          recommendation: plain,
          rationale: plain,
          status: plain,
          sources: { each: source },
        },
      },
      fuse: {
        each: {
          rule: plain,
          title: plain,
          status: plain,
          pr: plain,
          checked: plain,
          state: plain,
          assuming: plain,
          counts: { active: plain, partial: plain, split: plain },
          coveragePct: pct,
          relatedUs: us,
          sharePct: pct,
          saveAtMostUs: us,
          saves: { kernelUs: us, gapUs: us, pctOfStep: pct },
          evidence: {
            each: { step: plain, id: plain, kernel: plain, launches: plain, totalUs: us },
          },
          locations: plain,
          sources: { each: source },
          rationale: plain,
          advice: plain,
          toggle: plain,
          alsoMatched: plain,
        },
      },
      excerpt: {
        of: plain,
        layer: plain,
        step: plain,
        fromUs: us,
        durationUs: us,
        whole: plain,
        lanes: { each: { device: plain, stream: plain } },
        spans: {
          each: {
            lane: plain,
            startUs: us,
            durUs: us,
            kernel: plain,
            category: plain,
            role: plain,
            location: plain,
            exposedUs: us,
          },
        },
        idle: { each: { startUs: us, durUs: us, cause: plain } },
        fuse: { each: { rule: plain, state: plain, spans: plain, whole: plain } },
      },
    },
  },
  similarity: { rule: plain, level: plain, reason: plain },
  summary: plain,
  hiddenRows: { kernels: plain, overlap: plain, fuse: plain, actions: plain },
  diagnostics: { each: { severity: plain, code: plain, message: plain, path: plain } },
};

/**
 * For JSON of shapes that follow the contract's names without one of their own: times keep whole
 * nanoseconds, percentages four decimals, other numbers six; never -0.
 */
export function roundedByName(key: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  const { decimals } = key.endsWith("Us") ? us : /pct$/i.test(key) ? pct : ratio;
  return Number(value.toFixed(decimals!)) + 0;
}

/** The report as the JSON contract spells it: keys in order, numbers rounded, nothing besides. */
export function toContract(report: Report): unknown {
  return arrange(report, CONTRACT);
}

type AnyShape = Leaf | { readonly each: AnyShape } | { readonly [key: string]: AnyShape };

/** A value with the keys of its shape, in order, and numbers rounded. */
export function arrange(value: unknown, shape: AnyShape): unknown {
  if (value === null) return null;
  if (isLeaf(shape)) return typeof value === "number" ? round(value, shape.decimals) : value;
  if (Array.isArray(value)) {
    const item = (shape as { readonly each: AnyShape }).each;
    return value.map((one) => arrange(one, item));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(shape).map(([key, inner]) => [key, arrange(fields[key], inner as AnyShape)]),
  );
}

function isLeaf(shape: AnyShape): shape is Leaf {
  return "leaf" in shape && shape.leaf === true;
}

/** Never -0: it would print as a difference that is none. */
function round(value: number, decimals: number | null): number {
  if (decimals === null) return value;
  return Number(value.toFixed(decimals)) + 0;
}
