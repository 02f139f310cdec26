import { type KernelGraph, type Site, VIA_CODE } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt, text } from "../../model/trace/trace.ts";
import type { Nanoseconds, Row } from "../../model/trace/units.ts";
import type { SiteOverrides } from "../kernel-graph.ts";
import { type AlignMethod, alignGraph, type GraphAlignment } from "./align-graph.ts";
import { chooseGraphs } from "./choose-graphs.ts";
import { graphReplays, type Replay } from "./replays.ts";
import type { KernelStep, LaunchStep } from "./sequence.ts";
import { similarity } from "./similarity.ts";
import {
  type CaptureSource,
  captureTemplates,
  eagerTemplates,
  expectedCategory,
  type LentCall,
  SharedIds,
  type Template,
  type TemplateSet,
} from "./templates.ts";

export interface AlignmentSources {
  readonly captures: readonly CaptureSource[];
  /** Attributed eager traces of the same model. */
  readonly mappings: readonly KernelGraph[];
}

/** How one replay's kernels were located. */
interface ReplaySummary {
  readonly label: string | null;
  readonly batchSize: number | null;
  readonly method: AlignMethod;
  /** False when the capture has no kernel names and only order, count and op classes spoke. */
  readonly named: boolean;
  readonly kernels: number;
  readonly launches: number;
  /** Pairs without an equally good alternative. */
  readonly located: number;
}

export interface ReplayAlignment {
  readonly overrides: SiteOverrides;
  readonly replays: readonly ReplaySummary[];
  readonly graphTimeNs: Nanoseconds;
  readonly locatedTimeNs: Nanoseconds;
}

/**
 * Gives kernels of graph replays the sites of the launches recorded while the graph was captured,
 * else of the same kernel sequence in an eager mapping trace. Only sure pairs are used; what stays
 * open is left to the layer context. Each distinct replay is aligned once.
 */
export function alignReplays(graph: KernelGraph, sources: AlignmentSources): ReplayAlignment {
  const ids = new SharedIds();
  const expect = expectedCategory([graph, ...sources.mappings]);
  const sets = [
    ...sources.captures.map((source) => captureTemplates(source, ids, expect)),
    ...sources.mappings.map((mapping) => eagerTemplates(mapping, ids)),
  ];
  return new Aligner(graph, ids, sets).run();
}

interface Candidate {
  readonly template: Template;
  /** Where the template's sites begin in the joint list. */
  readonly offset: number;
}

interface Aligned {
  readonly candidate: Candidate;
  readonly alignment: GraphAlignment;
}

class Aligner {
  readonly #graph: KernelGraph;
  readonly #ids: SharedIds;
  readonly #candidates: Candidate[] = [];
  readonly #sites: Site[] = [];
  readonly #known = new Map<string, Aligned | null>();

  constructor(graph: KernelGraph, ids: SharedIds, sets: readonly TemplateSet[]) {
    this.#graph = graph;
    this.#ids = ids;
    for (const { templates, sites } of sets) {
      const offset = this.#sites.length;
      for (const template of templates) this.#candidates.push({ template, offset });
      for (const site of sites) this.#sites.push(site);
    }
  }

  run(): ReplayAlignment {
    const count = this.#graph.trace.gpu.count;
    const siteOf = new Int32Array(count).fill(-1);
    const viaOf = new Uint8Array(count);
    const callOf = new Map<Row, LentCall>();
    const replays = graphReplays(this.#graph);
    const summaries: ReplaySummary[] = [];
    let graphTime = 0;
    let locatedTime = 0;
    const picked = this.#pick(replays);
    for (const [index, replay] of replays.entries()) {
      const found = picked[index] ?? null;
      let located = 0;
      for (const [lane, rows] of replay.lanes.entries()) {
        for (const [i, row] of rows.entries()) {
          const time = this.#graph.trace.gpu.duration[row]!;
          graphTime += time;
          const site = found === null ? -1 : siteFor(found, lane, i);
          if (site < 0) continue;
          siteOf[row] = site;
          viaOf[row] = found!.candidate.template.via;
          callOf.set(row, found!.candidate.template.callOf[launchFor(found!, lane, i)]!);
          located++;
          locatedTime += time;
        }
      }
      summaries.push(summarize(replay, found, located));
    }
    return {
      overrides: { sites: this.#sites, siteOf, viaOf, callOf },
      replays: summaries,
      graphTimeNs: graphTime,
      locatedTimeNs: locatedTime,
    };
  }

  /** The best aligned candidate of every replay: captures first, eager sequences where none fits. */
  #pick(replays: readonly Replay[]): (Aligned | null)[] {
    const lanes = replays.map((replay) => replay.lanes.map((rows) => this.#steps(rows)));
    const signatures = lanes.map((lane) =>
      lane.map((steps) => steps.map(keyOf).join(" ")).join("|"),
    );
    const scores = new Map<string, number>();
    const inStep = ordinals(replays, this.#graph);
    const pickAmong = (candidates: readonly Candidate[]): (Candidate | null)[] =>
      chooseGraphs(
        inStep,
        candidates.map(({ template }) => template),
        (replay, at) => {
          const candidate = candidates[at]!;
          if (!sameStage(this.#graph, replays[replay]!, candidate.template)) return 0;
          const key = `${this.#candidates.indexOf(candidate)}:${signatures[replay]}`;
          let score = scores.get(key);
          if (score === undefined) {
            score = similarity(lanes[replay]!.flat(), candidate.template.launches);
            scores.set(key, score);
          }
          return score;
        },
      ).map((at) => (at === null ? null : candidates[at]!));
    const captures = pickAmong(this.#candidates.filter(isCapture));
    const eager = pickAmong(this.#candidates.filter((it) => !isCapture(it)));
    return replays.map((_, index) => {
      const candidate = captures[index] ?? eager[index] ?? null;
      if (candidate === null) return null;
      const key = `${this.#candidates.indexOf(candidate)}:${signatures[index]}`;
      let aligned = this.#known.get(key);
      if (aligned === undefined) {
        const alignment = alignGraph({ lanes: lanes[index]! }, candidate.template.launches);
        aligned = { candidate, alignment };
        this.#known.set(key, aligned);
      }
      return aligned;
    });
  }

  #steps(rows: readonly Row[]): KernelStep[] {
    const { trace, symbols, symbolOf } = this.#graph;
    return rows.map((row) => ({
      kind: trace.gpu.kind[row]! as KernelStep["kind"],
      name: this.#ids.id(kernelNameAt(trace, row).raw),
      dims: this.#ids.id(text(trace, trace.gpu.dims[row]!)),
      category: symbols[symbolOf[row]!]!.category,
    }));
  }
}

function siteFor({ candidate, alignment }: Aligned, lane: number, i: number): number {
  const launch = launchFor({ alignment }, lane, i);
  if (launch < 0 || alignment.sure[lane]![i] === 0) return -1;
  const site = candidate.template.siteOf[launch]!;
  // Site 0 of every trace is the empty one: a launch without a stack locates nothing.
  return site === 0 ? -1 : candidate.offset + site;
}

const launchFor = ({ alignment }: Pick<Aligned, "alignment">, lane: number, i: number): number =>
  alignment.launchOf[lane]![i]!;

function summarize(replay: Replay, found: Aligned | null, located: number): ReplaySummary {
  const template = found?.candidate.template;
  return {
    label: template?.label ?? null,
    batchSize: template?.batchSize ?? null,
    method: found?.alignment.method ?? "none",
    named: found?.alignment.named ?? false,
    kernels: replay.count,
    launches: template?.launches.length ?? 0,
    located,
  };
}

function isCapture({ template }: Candidate): boolean {
  return template.via === VIA_CODE["graph-capture"];
}

/** An eager step of another stage runs other kernels, however alike the bags look. */
function sameStage(graph: KernelGraph, replay: Replay, template: Template): boolean {
  if (template.stage === null || template.stage === "all" || replay.step < 0) return true;
  return graph.steps[replay.step]?.stage === template.stage;
}

function ordinals(replays: readonly Replay[], graph: KernelGraph) {
  const next = new Map<number, number>();
  return replays.map(({ step }) => {
    const ordinal = next.get(step) ?? 0;
    next.set(step, ordinal + 1);
    return { ordinal, batchSize: graph.steps[step]?.batchSize ?? null };
  });
}

function keyOf({ kind, name }: KernelStep | LaunchStep): string {
  return `${kind}.${name}`;
}

/** What the caller has to know about a capture besides its trace. */
