import type { Site } from "../../model/trace/kernel-graph.ts";
import type { Trace } from "../../model/trace/trace.ts";
import type { Row } from "../../model/trace/units.ts";
import type { LayerCut } from "../layers/layer-plan.ts";
import { PairTable } from "./pair-table.ts";
import { siteKinds } from "./symbols.ts";

/** Kernels on either side that must carry the same names. */
const NEIGHBOURS = 4;

/**
 * Sites for kernels whose launch fell outside the recorded window, lent by kernels of the same
 * group (same place in the layer, same neighbours) where all of the group that have a site come
 * from one single place. Anything short of that stays unknown.
 *
 * Instance numbers belong to another layer and are left out; shapes stay only where every lender
 * has the same.
 *
 * @param groupOf per GPU row the number of its group, 0 for none.
 * @param isLacking per GPU row 1 where a site is missing because the launch is.
 * @param siteOf per GPU row its site; rows that get one are rewritten in place.
 * @returns the rows that got a site, each with a row that lent it.
 */
export function lendSites(
  groupOf: Uint32Array,
  isLacking: Uint8Array,
  sites: Site[],
  siteOf: Uint32Array,
): readonly Lent[] {
  const kinds = siteKinds(sites);
  const lenders = new Map<number, Lender | null>();
  for (let row = 0; row < siteOf.length; row++) {
    const group = groupOf[row]!;
    const site = siteOf[row]!;
    if (site === 0 || group === 0) continue;
    const known = lenders.get(group);
    if (known === undefined) lenders.set(group, new Lender(row, sites[site]!, kinds[site]!));
    else if (known !== null && !known.agrees(sites[site]!, kinds[site]!)) lenders.set(group, null);
  }
  const lent: Lent[] = [];
  for (let row = 0; row < siteOf.length; row++) {
    const lender = isLacking[row] === 1 ? lenders.get(groupOf[row]!) : undefined;
    if (lender === undefined || lender === null) continue;
    siteOf[row] = lender.siteIn(sites);
    lent.push({ row, lender: lender.sameShapes ? lender.row : null });
  }
  return lent;
}

/** Groups of equal kernels at one position of the layers of one stage. */
export function positionGroups(
  trace: Trace,
  stages: readonly { readonly events: Uint32Array; readonly layers: LayerCut | null }[],
): Uint32Array {
  const groupOf = new Uint32Array(trace.gpu.count);
  const places = new PairTable();
  const groups = new PairTable();
  for (const [stage, { events, layers }] of stages.entries()) {
    if (layers === null) continue;
    for (let entry = 0; entry < events.length; entry++) {
      const position = layers.positionOf[entry]!;
      if (position < 0) continue;
      const row = events[entry]!;
      const place = places.intern(stage, position);
      groupOf[row] = groups.intern(place, trace.gpu.name[row]!) + 1;
    }
  }
  return groupOf;
}

interface Lent {
  readonly row: Row;
  /** One of the lenders where all were called with the same arguments, else null. */
  readonly lender: Row | null;
}

class Lender {
  readonly row: Row;
  readonly #site: Site;
  readonly #kind: number;
  sameShapes = true;
  #index = -1;

  constructor(row: Row, site: Site, kind: number) {
    this.row = row;
    this.#site = site;
    this.#kind = kind;
  }

  agrees(site: Site, kind: number): boolean {
    if (site.shapes !== this.#site.shapes || site.types !== this.#site.types)
      this.sameShapes = false;
    return kind === this.#kind;
  }

  siteIn(sites: Site[]): number {
    if (this.#index < 0) {
      const { location, fn, module, cpuOp, topOp, shapes, types } = this.#site;
      this.#index =
        sites.push({
          location,
          fn,
          module,
          modulePath: null,
          cpuOp,
          topOp,
          shapes: this.sameShapes ? shapes : null,
          types: this.sameShapes ? types : null,
          stack: this.#site.stack.map((frame) =>
            frame.startsWith("nn.Module: ") ? frame.replace(/_\d+$/, "") : frame,
          ),
        }) - 1;
    }
    return this.#index;
  }
}

/** Groups of kernels with the same names around them on their stream. */
export function neighbourGroups(trace: Trace): Uint32Array {
  const { gpu } = trace;
  const groupOf = new Uint32Array(gpu.count);
  const pairs = new PairTable();
  for (const rows of rowsByStream(trace)) {
    for (let at = 0; at < rows.length; at++) {
      let context = 0;
      for (let step = -NEIGHBOURS; step <= NEIGHBOURS; step++) {
        const row = rows[at + step];
        // 0 stands for the edge of the trace, so that an edge matches nothing but an edge.
        context = pairs.intern(context, row === undefined ? 0 : gpu.name[row]! + 1) + 1;
      }
      groupOf[rows[at]!] = context;
    }
  }
  return groupOf;
}

function rowsByStream(trace: Trace): readonly Uint32Array[] {
  const counts = new Uint32Array(trace.streams.length);
  for (const stream of trace.gpu.stream) counts[stream]!++;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < trace.gpu.count; row++) {
    const stream = trace.gpu.stream[row]!;
    rows[stream]![counts[stream]!++] = row;
  }
  return rows;
}
