import { endOf, type SynthEvent, type SynthTrace } from "./trace.ts";

/**
 * ns of each GPU event during which another stream of its device ran something too. Counted the
 * plain way, event against event: slow, and independent of how the tool does it.
 */
export function hiddenNs(trace: SynthTrace): Map<SynthEvent, number> {
  const events = trace.truth.kernels.map(({ event }) => event);
  return new Map(events.map((event) => [event, coveredBy(event, events)]));
}

function coveredBy(event: SynthEvent, all: readonly SynthEvent[]): number {
  const spans = all
    .filter((other) => other.tid !== event.tid && other.pid === event.pid)
    .map((other) => [Math.max(other.ts, event.ts), Math.min(endOf(other), endOf(event))] as const)
    .filter(([start, end]) => start < end)
    .sort(([a], [b]) => a - b);
  let covered = 0;
  let reached = event.ts;
  for (const [start, end] of spans) {
    covered += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return covered;
}

/** Share (0–1) of a role's GPU time that is hidden under other streams. */
export function hiddenShare(trace: SynthTrace, role: string): number {
  const hidden = hiddenNs(trace);
  const own = trace.truth.kernels.filter((kernel) => kernel.role === role);
  const total = own.reduce((sum, { event }) => sum + event.dur!, 0);
  return own.reduce((sum, { event }) => sum + hidden.get(event)!, 0) / total;
}
