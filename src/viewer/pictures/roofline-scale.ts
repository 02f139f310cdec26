import type { Peaks, WorkRow } from "../../model/contracts/work-row.ts";

/** A row of work as a point of the roofline picture. */
export interface RooflinePoint {
  readonly row: WorkRow;
  /** FLOP a byte; that of the left edge for what computes nothing. */
  readonly intensity: number;
  /** TFLOP/s, or what the bytes a second come to at the left edge. */
  readonly height: number;
  /** Area grows with time: 0 to 1. */
  readonly size: number;
}

export interface Roofline {
  readonly points: readonly RooflinePoint[];
  readonly x: Decades;
  readonly y: Decades;
  /** Intensity at which moving-only rows stand. */
  readonly edge: number;
}

/** A logarithmic axis, in powers of ten. */
interface Decades {
  readonly from: number;
  readonly to: number;
}

/**
 * Points and axes of the roofline picture (Williams, Waterman and Patterson, CACM 52, 2009). Rows
 * without time or bytes have no place; links are drawn at the left edge, against a roof of their own.
 */
export function rooflineOf(rows: readonly WorkRow[], peaks: Peaks | null): Roofline | null {
  const placed = rows.filter(({ kernelUs, bytes }) => kernelUs > 0 && bytes > 0);
  if (placed.length === 0) return null;
  const computing = placed.filter((row) => row.flop > 0 && row.boundBy !== "link");
  const intensities = computing.map(({ flop, bytes }) => flop / bytes);
  const x = decades([...intensities, ...ridges(peaks), 0.1]);
  const edge = 10 ** (x.from - 0.5);
  const longest = Math.max(...placed.map(({ kernelUs }) => kernelUs));
  const points = placed.map((row) => {
    const moves = row.flop === 0 || row.boundBy === "link";
    return {
      row,
      intensity: moves ? edge : row.flop / row.bytes,
      height: moves ? row.tbps * edge : row.tflops,
      size: row.kernelUs / longest,
    };
  });
  const tops = peaks === null ? [] : peaks.compute.map(({ tflops }) => tflops);
  const y = decades([...points.map(({ height }) => height), ...tops, ...edgeRoofs(peaks, edge)]);
  return { points, x: { from: x.from - 1, to: x.to }, y, edge };
}

/** Intensities at which the roofs meet the slope of the memory. */
function ridges(peaks: Peaks | null): number[] {
  return peaks === null ? [] : peaks.compute.map(({ tflops }) => (tflops / peaks.memory) * 2);
}

const edgeRoofs = (peaks: Peaks | null, edge: number): number[] =>
  peaks === null ? [] : [peaks.memory * edge];

/** Smallest whole decades around all values above zero. */
function decades(values: readonly number[]): Decades {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const from = Math.floor(Math.min(...logs));
  return { from, to: Math.max(from + 1, Math.ceil(Math.max(...logs))) };
}

/** Place of a value on an axis, 0 to 1. */
export function along({ from, to }: Decades, value: number): number {
  return value <= 0 ? 0 : (Math.log10(value) - from) / (to - from);
}

/** The powers of ten of an axis, the left edge's decade excluded where it stands for no value. */
export function powers({ from, to }: Decades): number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));
}
