import type { FrameworkProfile, StageName } from "../../model/framework.ts";
import { type KernelGraph, type Site, VIA_CODE } from "../../model/trace/kernel-graph.ts";
import { kernelNameAt, type Trace, text } from "../../model/trace/trace.ts";
import { launchSites } from "../attribution/direct-sites.ts";
import { SiteTable } from "../attribution/site-table.ts";
import { siteKinds } from "../attribution/symbols.ts";
import { capturedGraphs } from "./captured-graphs.ts";
import { promisedCategory } from "./op-words.ts";
import { type LaunchStep, UNKNOWN } from "./sequence.ts";

/** A sequence of launches with known sites that a replay may be an image of. */
export interface Template {
  readonly label: string | null;
  readonly batchSize: number | null;
  /** Which of the templates of its batch size it is, in recorded order. */
  readonly ordinal: number;
  readonly launches: readonly LaunchStep[];
  /** Per launch: index into {@link TemplateSet.sites}. */
  readonly siteOf: readonly number[];
  /** Per launch: where its op and its launch were recorded. */
  readonly callOf: readonly LentCall[];
  readonly via: number;
  /** Stage of the step an eager template comes from; null for captures. */
  readonly stage: StageName | null;
}

/** An op call recorded elsewhere. */
export interface LentCall {
  readonly trace: Trace;
  /** Row in its ops, -1 without. */
  readonly op: number;
  /** Row in its launches, -1 without. */
  readonly launch: number;
}

export interface TemplateSet {
  readonly templates: readonly Template[];
  readonly sites: readonly Site[];
}

export interface CaptureSource {
  readonly trace: Trace;
  readonly profile: FrameworkProfile;
  /** Batch size told outside the trace (execution_details.json, the file's name), null otherwise. */
  readonly batchSize: number | null;
}

/** Ids of names and grids that hold over several traces. */
export class SharedIds {
  readonly #ids = new Map<string, number>();

  /** UNKNOWN for the empty text. */
  id(value: string): number {
    if (value === "") return UNKNOWN;
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    this.#ids.set(value, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** The graphs a capture recorded, with the site of every launch. */
export function captureTemplates(
  source: CaptureSource,
  ids: SharedIds,
  expect: (site: Site) => string | null,
): TemplateSet {
  const { trace } = source;
  const graphs = capturedGraphs(trace, source.batchSize);
  const isWanted = new Uint8Array(trace.launches.count);
  for (const graph of graphs) for (const row of graph.launches) isWanted[row] = 1;
  const table = new SiteTable(trace, source.profile);
  const places = launchSites(trace, isWanted, table);
  const kinds = kindIds(table.sites, ids);
  const ordinals = new Map<string, number>();
  const templates = graphs.map((graph): Template => {
    const group = `${graph.batchSize}:${graph.label}`;
    const ordinal = ordinals.get(group) ?? 0;
    ordinals.set(group, ordinal + 1);
    const siteOf = graph.launches.map((row) => places.site[row]!);
    return {
      label: graph.label,
      batchSize: graph.batchSize,
      ordinal,
      siteOf,
      callOf: graph.launches.map((launch) => ({ trace, op: places.op[launch]!, launch })),
      via: VIA_CODE["graph-capture"],
      stage: null,
      launches: graph.launches.map((row, at) => ({
        kind: graph.kinds[at]!,
        name: ids.id(text(trace, trace.launches.kernel[row]!)),
        dims: ids.id(text(trace, trace.launches.dims[row]!)),
        site: kindOfNth(ids, kinds[siteOf[at]!]!, nthOfSite(siteOf, at)),
        category: isOneOfSeveral(table.sites, siteOf, at)
          ? null
          : expect(table.sites[siteOf[at]!]!),
      })),
    };
  });
  return { templates, sites: table.sites };
}

/** The kernel sequence of each step of an eager trace whose kernels know their sites. */
export function eagerTemplates(mapping: KernelGraph, ids: SharedIds): TemplateSet {
  const { trace } = mapping;
  const kinds = kindIds(mapping.sites, ids);
  const templates = mapping.stages.flatMap((stage) => {
    const bySteps = new Map<number, number[]>();
    for (const row of stage.events) {
      const step = mapping.stepOf[row]!;
      const rows = bySteps.get(step);
      if (rows === undefined) bySteps.set(step, [row]);
      else rows.push(row);
    }
    return [...bySteps.entries()].map(([step, rows], ordinal): Template => {
      const siteOf = rows.map((row) => mapping.siteOf[row]!);
      return {
        label: mapping.steps[step]?.label ?? null,
        batchSize: mapping.steps[step]?.batchSize ?? null,
        ordinal,
        siteOf,
        callOf: rows.map((row) => callAt(mapping, row)),
        via: VIA_CODE["mapping-sequence"],
        stage: stage.stage,
        launches: rows.map((row, at) => ({
          kind: trace.gpu.kind[row]! as LaunchStep["kind"],
          name: ids.id(kernelNameAt(trace, row).raw),
          dims: ids.id(text(trace, trace.gpu.dims[row]!)),
          site: kinds[siteOf[at]!]!,
          category: mapping.symbols[mapping.symbolOf[row]!]!.category,
        })),
      };
    });
  });
  return { templates, sites: mapping.sites };
}

const callAt = ({ calls }: KernelGraph, row: number): LentCall => ({
  trace: calls.traces[calls.traceOf[row]!]!,
  op: calls.opOf[row]!,
  launch: calls.launchOf[row]!,
});

/** Sites of one kind share an id over all traces, so that what one layer teaches holds for the next. */
function kindIds(sites: readonly Site[], ids: SharedIds): readonly number[] {
  const kinds = siteKinds(sites);
  const first = new Map<number, Site>();
  sites.forEach((site, index) => {
    if (!first.has(kinds[index]!)) first.set(kinds[index]!, site);
  });
  return sites.map((_, index) => {
    const { location, fn, module, cpuOp, topOp } = first.get(kinds[index]!)!;
    return ids.id(JSON.stringify([location, fn, module, cpuOp, topOp]));
  });
}

/** One op call may launch several kernels (split-K, then its reduce): the how-manieth this is. */
function nthOfSite(siteOf: readonly number[], at: number): number {
  let nth = 0;
  while (at - nth > 0 && siteOf[at - nth - 1] === siteOf[at] && nth < 7) nth++;
  return nth;
}

/**
 * A custom op that launches several kernels in a row (a whole MoE layer) promises no single
 * category. ATen's own ops are small: two in a row are two calls.
 */
function isOneOfSeveral(sites: readonly Site[], siteOf: readonly number[], at: number): boolean {
  if (siteOf[at - 1] === siteOf[at] || siteOf[at + 1] === siteOf[at]) return true;
  const op = sites[siteOf[at]!]!.cpuOp;
  if (op === null || op.startsWith("aten::")) return false;
  return [at - 1, at + 1].some((next) => sites[siteOf[next] ?? 0]?.cpuOp === op);
}

function kindOfNth(ids: SharedIds, kind: number, nth: number): number {
  return nth === 0 ? kind : ids.id(`${kind}#${nth}`);
}

/**
 * The category of the kernels a site launches: what most kernels of its op in an attributed trace
 * are, else what the site's own words promise. A hint for alignment, never a location.
 */
export function expectedCategory(
  attributed: readonly KernelGraph[],
): (site: Site) => string | null {
  const learned = learnOps(attributed);
  return (site) => learned.get(site.cpuOp ?? site.topOp ?? "") ?? promisedCategory(wordsOf(site));
}

/** Most telling first: the op, the function, the module around them. Outer ops hold other work too. */
function wordsOf({ cpuOp, topOp, fn, module }: Site): string[] {
  return [cpuOp ?? topOp, fn, module?.replace(/^.*\./, "") ?? null].filter(
    (word): word is string => word !== null && word !== "",
  );
}

/** Ops whose kernels nearly all belong to one category. */
function learnOps(attributed: readonly KernelGraph[]): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const graph of attributed) {
    for (let row = 0; row < graph.trace.gpu.count; row++) {
      const op = graph.sites[graph.siteOf[row]!]!.cpuOp;
      if (op === null || graph.viaOf[row] !== VIA_CODE.direct) continue;
      const categories = counts.get(op) ?? new Map<string, number>();
      const { category } = graph.symbols[graph.symbolOf[row]!]!;
      categories.set(category, (categories.get(category) ?? 0) + 1);
      counts.set(op, categories);
    }
  }
  const learned = new Map<string, string>();
  for (const [op, categories] of counts) {
    const total = [...categories.values()].reduce((sum, count) => sum + count, 0);
    for (const [category, count] of categories)
      if (category !== "other" && count >= 0.9 * total) learned.set(op, category);
  }
  return learned;
}
