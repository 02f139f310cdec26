import { type KernelGraph, placeText } from "../../model/trace/kernel-graph.ts";
import type { Row } from "../../model/trace/units.ts";
import { TimeBy } from "../tables/time-by.ts";

/** An engineer opens a place or two; the tables have the rest. */
const PLACES = 3;

/** Where rows were launched from, most time first: file, line and function, else the module, else the op. */
export function placesOf(graph: KernelGraph, rows: Iterable<Row>): readonly string[] {
  const byPlace = new TimeBy<string>();
  for (const row of rows) {
    const site = graph.sites[graph.siteOf[row]!]!;
    const place = placeText(site) ?? site.module ?? site.cpuOp;
    if (place === null) continue;
    const inModule = site.module === null || place === site.module ? "" : ` in ${site.module}`;
    byPlace.add(`${place}${inModule}`, graph.trace.gpu.duration[row]!);
  }
  return byPlace
    .ranked()
    .slice(0, PLACES)
    .map(([place]) => place);
}
