import type { SynthEvent, SynthTrace } from "./trace.ts";

/**
 * All ranks of a job in one file, as SGLang's merger leaves them: the rank is written before every
 * process id, and nothing else is changed. Ids of all ranks count from one.
 */
export function mergeRanks(traces: readonly SynthTrace[]): SynthTrace {
  const [first] = traces as [SynthTrace];
  const events = traces.flatMap((trace, rank) =>
    trace.events.map((event) => ({
      ...event,
      pid: `${rankLabel(rank)} ${event.pid}`,
      ts: event.ts + (trace.baseUs - first.baseUs) * 1000,
    })),
  );
  return { ...first, events: events satisfies SynthEvent[] };
}

/** "[TP01]", which `--pid-substring` asks for. */
export function rankLabel(rank: number): string {
  return `[TP${String(rank).padStart(2, "0")}]`;
}
