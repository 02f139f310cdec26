import { kernelNameAt, type Trace } from "../../model/trace/trace.ts";
import { type Nanoseconds, type Row, toUs } from "../../model/trace/units.ts";

/** "nvjet_… on device 0 stream 7 at 12.345 ms": one GPU event, to be found again. */
export function placeOf(trace: Trace, row: Row): string {
  const { device, stream } = trace.streams[trace.gpu.stream[row]!]!;
  const name = kernelNameAt(trace, row).short;
  return `${name} on device ${device} stream ${stream} at ${ms(trace.gpu.start[row]!)}`;
}

/** Time since the beginning of the trace. */
export function ms(time: Nanoseconds): string {
  return `${(time / 1e6).toFixed(3)} ms`;
}

/** The first places of some events, and how many more there are. */
export function placesOf(trace: Trace, rows: readonly Row[], most = 2): string {
  const shown = rows.slice(0, most).map((row) => placeOf(trace, row));
  const more = rows.length > most ? [`${rows.length - most} more`] : [];
  return [...shown, ...more].join(", ");
}

/** Recorded GPU time of rows. */
export function gpuUs({ gpu }: Trace, rows: readonly Row[]): number {
  return toUs(rows.reduce((sum, row) => sum + gpu.duration[row]!, 0));
}
