import type { Trace } from "../../model/trace/trace.ts";
import { NO_ROW } from "../../model/trace/units.ts";
import { type HostMoments, type HostPlaces, placeOnHost } from "./host-places.ts";
import { IdIndex } from "./id-index.ts";
import type { SiteTable } from "./site-table.ts";

/** What was recorded around launches, per GPU row. */
interface DirectSites {
  readonly siteOf: Uint32Array;
  /** Row of the op that the site shows. */
  readonly opOf: Int32Array;
}

/**
 * Sites of GPU events from what the trace itself recorded around their launch.
 *
 * The op is the innermost one around the launch. An External id, where it names ops at all, says
 * the same; it is the way for events whose launch was not recorded or has no op around it. In older
 * torch it repeats the correlation and names nothing, so it is believed only where it agrees with
 * the nesting.
 *
 * @param launchOf per GPU row its launch, -1 without one.
 * @param isReplay per launch 1 where one call replays a graph: what encloses it launched none of
 *   the kernels by itself, so they get no site here.
 * @returns per GPU row its site, 0 where nothing was recorded, and the op around its launch, -1 without.
 */
export function directSites(
  trace: Trace,
  launchOf: Int32Array,
  isReplay: Uint8Array,
  sites: SiteTable,
): DirectSites {
  const isWanted = new Uint8Array(trace.launches.count);
  for (const launch of launchOf) {
    if (launch >= 0 && isReplay[launch] === 0) isWanted[launch] = 1;
  }
  const places = placeOnHost(trace, trace.launches, isWanted, sites);
  const siteOf = new Uint32Array(trace.gpu.count);
  const opOf = new Int32Array(trace.gpu.count).fill(NO_ROW);
  let agreeing = 0;
  let comparable = 0;
  for (let row = 0; row < siteOf.length; row++) {
    const launch = launchOf[row]!;
    if (launch < 0) continue;
    siteOf[row] = places.site[launch]!;
    const op = places.op[launch]!;
    opOf[row] = op;
    const external = trace.gpu.externalId[row]!;
    if (op < 0 || external <= 0) continue;
    comparable++;
    if (trace.ops.externalId[op] === external) agreeing++;
  }
  // Where nothing can be compared (no launches at all) the id is the only link there is.
  if (comparable === 0 || agreeing * 2 > comparable)
    addSitesByExternalId(trace, launchOf, isReplay, places.op, { siteOf, opOf }, sites);
  return { siteOf, opOf };
}

function addSitesByExternalId(
  trace: Trace,
  launchOf: Int32Array,
  isReplay: Uint8Array,
  opOfLaunch: Int32Array,
  { siteOf, opOf }: DirectSites,
  sites: SiteTable,
): void {
  const lacking: number[] = [];
  for (let row = 0; row < siteOf.length; row++) {
    const launch = launchOf[row]!;
    const hasOp = launch >= 0 && (opOfLaunch[launch]! >= 0 || isReplay[launch] === 1);
    if (!hasOp && trace.gpu.externalId[row]! > 0) lacking.push(row);
  }
  if (lacking.length === 0) return;
  const wanted = new Set(lacking.map((row) => trace.gpu.externalId[row]!));
  const byId = new IdIndex(trace.ops.externalId, (op) => wanted.has(trace.ops.externalId[op]!));
  const ops = lacking.map((row) => byId.get(trace.gpu.externalId[row]!));
  const isWanted = new Uint8Array(trace.ops.count);
  for (const op of ops) if (op !== NO_ROW) isWanted[op] = 1;
  const places = placeOnHost(trace, trace.ops satisfies HostMoments, isWanted, sites);
  for (const [at, row] of lacking.entries()) {
    if (ops[at] === NO_ROW) continue;
    siteOf[row] = places.site[ops[at]!]!;
    opOf[row] = ops[at]!;
  }
}

/**
 * Sites of chosen launches, kernels or not: what a stream capture recorded while a graph was built.
 *
 * @returns per launch its site in `sites`, 0 where it was not asked for or nothing encloses it, and its op, -1 without.
 */
export function launchSites(trace: Trace, isWanted: Uint8Array, sites: SiteTable): HostPlaces {
  return placeOnHost(trace, trace.launches, isWanted, sites);
}
