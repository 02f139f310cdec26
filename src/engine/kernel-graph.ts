import { append } from "../base/extremes.ts";
import { firstIndex } from "../base/first-index.ts";
import { type FrameworkProfile, STAGES } from "../model/framework.ts";
import {
  type KernelCalls,
  type KernelGraph,
  type Site,
  type StageGraph,
  type Step,
  VIA_CODE,
} from "../model/trace/kernel-graph.ts";
import type { Trace } from "../model/trace/trace.ts";
import type { StageHint } from "../model/trace/trace-selection.ts";
import type { Row } from "../model/trace/units.ts";
import type { NameSite } from "./align/single-sites.ts";
import type { LentCall } from "./align/templates.ts";
import { directSites } from "./attribution/direct-sites.ts";
import { matchLaunches, replayCalls } from "./attribution/launches.ts";
import { lendSites, neighbourGroups, positionGroups } from "./attribution/layer-context.ts";
import { SiteTable } from "./attribution/site-table.ts";
import { buildSymbols, type Vocabulary } from "./attribution/symbols.ts";
import { cutLayers, describeLayers, type LayerCut } from "./layers/layer-plan.ts";
import { assignRoles } from "./roles/assign-roles.ts";
import { assignSteps, type StepAssignment } from "./stages/assign-steps.ts";
import { passesByCopies } from "./stages/copy-passes.ts";
import { passesByGraphs } from "./stages/graph-passes.ts";
import { passesByLayers } from "./stages/layer-passes.ts";
import { tellPassStages } from "./stages/pass-stages.ts";

/** Sites found outside the trace (a capture, a mapping trace) for rows that have none of their own. */
export interface SiteOverrides {
  readonly sites: readonly Site[];
  /** Per GPU row: index into `sites`, -1 where nothing was found. */
  readonly siteOf: Int32Array;
  /** Per GPU row: code of how it was found ({@link VIA_CODE}). */
  readonly viaOf: Uint8Array;
  /** By GPU row: the op call that came with the site. */
  readonly callOf?: ReadonlyMap<Row, LentCall>;
}

interface AttributionOptions {
  readonly profile: FrameworkProfile;
  readonly stageHint: StageHint | null;
}

interface LocatingOptions {
  /** Categories, roles and libraries of the rules in use. */
  readonly ruleSet: Vocabulary;
  readonly siteOverrides?: SiteOverrides | undefined;
  /** By raw kernel name: the one place that launches it in a mapping trace. The last resort. */
  readonly nameSites?: ReadonlyMap<string, NameSite> | undefined;
}

/** What a trace tells of its GPU events by itself. */
interface Attribution {
  readonly trace: Trace;
  readonly launchOf: Int32Array;
  readonly isReplay: Uint8Array;
  readonly sites: readonly Site[];
  /** Per GPU row: index into `sites`, 0 where no stack was recorded around the launch. */
  readonly siteOf: Uint32Array;
  /** Per GPU row: row of the op around the launch, -1 without. */
  readonly opOf: Int32Array;
  readonly assigned: StepAssignment;
  readonly stages: readonly CutStage[];
}

/** Attributes every GPU event of a trace; {@link attributeTrace} and {@link locateKernels} in one. */
export function buildKernelGraph(
  trace: Trace,
  options: AttributionOptions & LocatingOptions,
): KernelGraph {
  return locateKernels(attributeTrace(trace, options), options);
}

/** Launch, recorded site, step, stage and layer of every GPU event. */
export function attributeTrace(
  trace: Trace,
  { profile, stageHint }: AttributionOptions,
): Attribution {
  const launchOf = matchLaunches(trace);
  const table = new SiteTable(trace, profile);
  const isReplay = replayCalls(trace);
  const { siteOf, opOf } = directSites(trace, launchOf, isReplay, table);
  const told = assignSteps(trace, profile, launchOf, stageHint);
  const cut = splitStages(trace, told);
  // A pass over the model is what an engine does again and again; elsewhere layers may be anything.
  const passes =
    profile.id === "unknown" || cut.length !== 1
      ? null
      : (passesByLayers(trace, told, cut[0]!.events, cut[0]!.layers) ??
        passesByGraphs(trace, told, launchOf, isReplay) ??
        passesByCopies(trace, told));
  const staged = passes === null ? null : tellPassStages(trace, launchOf, isReplay, passes);
  const assigned = staged ?? told;
  const stages = staged === null ? cut : splitStages(trace, staged);
  return { trace, launchOf, isReplay, sites: table.sites, siteOf, opOf, assigned, stages };
}

/**
 * The site of every GPU event, how it was found, and its symbol. In order of trust a site comes
 * from the recorded stack around the launch, from the overrides, or is lent by equal neighbours
 * where the launch fell outside the window.
 */
export function locateKernels(attribution: Attribution, options: LocatingOptions): KernelGraph {
  const { trace, launchOf, isReplay, assigned, stages } = attribution;
  const sites = [...attribution.sites];
  const siteOf = attribution.siteOf.slice();
  const viaOf = new Uint8Array(trace.gpu.count);
  for (let row = 0; row < viaOf.length; row++)
    viaOf[row] = siteOf[row] === 0 ? VIA_CODE.none : VIA_CODE.direct;
  const calls = new CallTable(attribution);
  const sited = { sites, siteOf, viaOf, calls };
  if (options.siteOverrides !== undefined) applyOverrides(options.siteOverrides, sited);
  lendMissing(trace, stages, options.siteOverrides === undefined ? launchOf : null, sited);
  if (options.nameSites !== undefined) siteByName(trace, options.nameSites, sited);
  const named = buildSymbols(trace, sites, siteOf, options.ruleSet);
  const { roles } = options.ruleSet;
  const { symbols, symbolOf } = assignRoles(trace, stages, assigned.stepOf, named, roles);
  return {
    trace,
    symbols,
    sites,
    symbolOf,
    siteOf,
    viaOf,
    launchOf,
    isReplay,
    calls: calls.finish(),
    steps: assigned.steps,
    stepOf: assigned.stepOf,
    stages: stages.map(({ layers, ...stage }) => ({
      ...stage,
      layers: layers && {
        ...layers,
        template: describeLayers(trace, stage.events, symbolOf, layers),
      },
    })),
  };
}

interface Sited {
  readonly calls: CallTable;
  readonly sites: Site[];
  readonly siteOf: Uint32Array;
  readonly viaOf: Uint8Array;
}

function applyOverrides(overrides: SiteOverrides, { sites, siteOf, viaOf, calls }: Sited): void {
  const offset = sites.length;
  append(sites, overrides.sites);
  for (let row = 0; row < siteOf.length; row++) {
    const site = overrides.siteOf[row]!;
    if (site < 0 || viaOf[row] !== VIA_CODE.none) continue;
    siteOf[row] = offset + site;
    viaOf[row] = overrides.viaOf[row]!;
    calls.lend(row, overrides.callOf?.get(row));
  }
}

/**
 * Kernels launched before the window opened, and those of graph replays that alignment left open:
 * by their place in the layer, else by their neighbours.
 *
 * @param launchOf null where replays were aligned, so that their kernels may borrow too.
 */
function lendMissing(
  trace: Trace,
  stages: readonly CutStage[],
  launchOf: Int32Array | null,
  { sites, siteOf, viaOf, calls }: Sited,
): void {
  const isLacking = new Uint8Array(viaOf.length);
  for (let row = 0; row < viaOf.length; row++)
    if (viaOf[row] === VIA_CODE.none && (launchOf === null || launchOf[row]! < 0))
      isLacking[row] = 1;
  for (const groupsOf of [() => positionGroups(trace, stages), () => neighbourGroups(trace)]) {
    // Both cost a pass over everything: most traces lack nothing.
    if (!isLacking.includes(1) || sites.length === 1) return;
    for (const { row, lender } of lendSites(groupsOf(), isLacking, sites, siteOf)) {
      viaOf[row] = VIA_CODE["layer-context"];
      isLacking[row] = 0;
      if (lender !== null) calls.copy(row, lender);
    }
  }
}

function siteByName(
  trace: Trace,
  nameSites: ReadonlyMap<string, NameSite>,
  { sites, siteOf, viaOf, calls }: Sited,
): void {
  const named = trace.kernelNames.map(({ raw }) => nameSites.get(raw));
  const indexOf = named.map((each) => (each === undefined ? 0 : sites.push(each.site) - 1));
  for (let row = 0; row < siteOf.length; row++) {
    const site = indexOf[trace.gpu.name[row]!]!;
    if (site === 0 || viaOf[row] !== VIA_CODE.none) continue;
    siteOf[row] = site;
    viaOf[row] = VIA_CODE["single-site-name"];
    calls.lend(row, named[trace.gpu.name[row]!]!.call ?? undefined);
  }
}

/** The op call of every GPU row, completed as sites are. */
class CallTable {
  readonly #traces: Trace[];
  readonly #traceOf: Uint8Array;
  readonly #opOf: Int32Array;
  readonly #launchOf: Int32Array;

  constructor({ trace, opOf, launchOf }: Pick<Attribution, "trace" | "opOf" | "launchOf">) {
    this.#traces = [trace];
    this.#traceOf = new Uint8Array(opOf.length);
    this.#opOf = opOf.slice();
    this.#launchOf = launchOf.slice();
  }

  lend(row: Row, call: LentCall | undefined): void {
    if (call === undefined) return;
    let at = this.#traces.indexOf(call.trace);
    if (at < 0) at = this.#traces.push(call.trace) - 1;
    this.#traceOf[row] = at;
    this.#opOf[row] = call.op;
    this.#launchOf[row] = call.launch;
  }

  copy(to: Row, from: Row): void {
    this.#traceOf[to] = this.#traceOf[from]!;
    this.#opOf[to] = this.#opOf[from]!;
    this.#launchOf[to] = this.#launchOf[from]!;
  }

  finish(): KernelCalls {
    return {
      traces: this.#traces,
      traceOf: this.#traceOf,
      opOf: this.#opOf,
      launchOf: this.#launchOf,
    };
  }
}

type CutStage = Omit<StageGraph, "layers"> & { readonly layers: LayerCut | null };

function splitStages(
  trace: Trace,
  { steps, stepOf, stageOf }: StepAssignment,
): readonly CutStage[] {
  const isRecorded = recordedSteps(trace, stepOf);
  return STAGES.map((stage, code) => ({ stage, events: rowsOf(stageOf, code) }))
    .filter(({ events }) => events.length > 0)
    .map(({ stage, events }) => ({
      stage,
      steps: steps.filter((step) => step.stage === stage && isRecorded(step)),
      events,
      layers: cutLayers(trace, events, stepOf),
    }));
}

/** False for steps that launched work none of which was recorded: no figure is theirs. */
function recordedSteps({ health }: Trace, stepOf: Int32Array): (step: Step) => boolean {
  const unrecorded = health?.unrecorded ?? [];
  if (unrecorded.length === 0) return () => true;
  const withEvents = new Set(stepOf);
  return ({ index, cpuStart, cpuEnd }) => {
    if (withEvents.has(index)) return true;
    const first = firstIndex(0, unrecorded.length, (at) => unrecorded[at]! >= cpuStart);
    return !(first < unrecorded.length && unrecorded[first]! < cpuEnd);
  };
}

function rowsOf(codes: Uint8Array, code: number): Uint32Array {
  let count = 0;
  for (const each of codes) if (each === code) count++;
  const rows = new Uint32Array(count);
  let next = 0;
  for (let row = 0; row < codes.length; row++) if (codes[row] === code) rows[next++] = row;
  return rows;
}
