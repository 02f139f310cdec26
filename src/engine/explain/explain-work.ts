import { groupBy } from "../../base/group-by.ts";
import type { WorkExplanation } from "../../model/contracts/row-explanation.ts";
import type { KernelGraph } from "../../model/trace/kernel-graph.ts";
import { percent, type Row, toUs } from "../../model/trace/units.ts";
import { workText } from "../../model/work-text.ts";
import type { CallWork } from "../limits/evaluate.ts";
import { bandwidthOf, type LimitedUnit, type Limits } from "../limits/index.ts";

/** The arithmetic behind a kernel's limit, one entry per op and shape, most time first. */
export function explainWork(
  graph: KernelGraph,
  limits: Limits,
  rows: readonly Row[],
): WorkExplanation[] {
  const units = new Set(rows.map((row) => limits.unitOf[row]!).filter((at) => at >= 0));
  const mine = [...units].map((at) => limits.units[at]!);
  const groups = groupBy(mine, (unit) =>
    [unit.op, unit.model?.id, unit.dims, unit.types, unit.shapesFrom].join("\0"),
  );
  return [...groups.values()]
    .map((group) => entry(graph, limits, group))
    .sort((a, b) => b.kernelUs - a.kernelUs);
}

function entry(
  graph: KernelGraph,
  { machine }: Limits,
  units: readonly LimitedUnit[],
): WorkExplanation {
  const [unit] = units as [LimitedUnit];
  const ns = units.reduce((sum, { kernelNs }) => sum + kernelNs, 0);
  const floor = unit.floorNs;
  const floors = units.reduce((sum, { floorNs }) => sum + (floorNs ?? 0), 0);
  return {
    op: unit.op,
    dims: unit.dims,
    types: unit.types,
    calls: units.length,
    kernels: new Set(units.flatMap(({ rows }) => rows.map((row) => graph.trace.gpu.name[row]!)))
      .size,
    kernelUs: toUs(ns),
    shapesFrom: unit.shapesFrom,
    assuming: unit.assuming,
    model: unit.model?.id ?? null,
    file: unit.model?.file ?? null,
    lines: [
      ...(unit.work === undefined || unit.model === null ? [] : modelLines(unit, unit.work)),
      ...(machine === null
        ? [`${figure(unit.flop)} FLOP, ${figure(unit.bytes)} B; the machine is not known`]
        : roofLines(unit, machine)),
      ...(floor === null
        ? []
        : [
            `${unit.isLeast === true ? "floor, at least, = " : "floor = "}the larger = ${us(floor)} a call, ${us(floors)} in ${figure(units.length)}; the kernels took ${us(ns)}: ${percent(floors, ns).toFixed(1)}% of the limit by ${unit.boundBy}${floors > ns ? ", a contradiction: one of these inputs is wrong, or the data lay in a cache" : ""}`,
          ]),
    ],
  };
}

/** Named values, then FLOP and bytes, each as the model's file writes it and with its value. */
function modelLines(
  { model }: LimitedUnit,
  { lets, flop, reads, writes, links }: CallWork,
): string[] {
  const own = model!;
  const lines = lets.flatMap(({ name, value }, at) =>
    typeof value === "number" || typeof value === "string"
      ? [`${name} = ${workText(own.lets[at]!.value, own)} = ${figure(value)}`]
      : [],
  );
  if (own.flops !== null) lines.push(`FLOP = ${workText(own.flops, own)} = ${figure(flop)}`);
  if (own.links !== null)
    return [...lines, `bytes over links = ${workText(own.links, own)} = ${figure(links ?? 0)}`];
  lines.push(`bytes read = ${workText(own.reads, own)} = ${figure(reads)}`);
  lines.push(`bytes written = ${workText(own.writes, own)} = ${figure(writes)}`);
  return lines;
}

function roofLines(unit: LimitedUnit, machine: NonNullable<Limits["machine"]>): string[] {
  const { chosen, flop, medium } = unit;
  const bytes = unit.crossing ?? unit.bytes;
  const gbps = bandwidthOf(machine, medium);
  if (gbps === null) return [`how fast ${machine.title} reaches the host is not known`];
  const lines = [
    `${figure(bytes)} B / ${gbps} GB/s of ${medium} (${machine.title}) = ${us((bytes / gbps / 1e9) * 1e9)}`,
  ];
  if (chosen?.perSecond == null) return lines;
  const tflops = chosen.perSecond / 1e12;
  return [
    `${figure(flop)} FLOP / ${tflops} TFLOP/s of ${chosen.type} (${machine.title}) = ${us((flop / chosen.perSecond) * 1e9)}`,
    ...lines,
  ];
}

const us = (ns: number): string => `${toUs(Math.round(ns))} µs`;

/** Whole numbers in groups of three digits, others with what matters. */
function figure(value: number | string): string {
  if (typeof value === "string") return value;
  const whole = Number.isInteger(value) ? String(value) : value.toFixed(2);
  return whole.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}
