import { insertEvents } from "../ingest/files/insert-events.ts";
import { openSource } from "../ingest/files/source.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import type { AnalyzeResult } from "../model/options.ts";
import { perfettoEvents } from "../report/perfetto/index.ts";

/**
 * A Chrome trace of what was analysed, in pieces: the GPU's work and the findings, and with `full`
 * every event of the recorded file behind them. The recorded file streams through, so its size does
 * not matter.
 *
 * @throws {TriageError} `perfetto/several-traces`, `perfetto/damaged-trace` (exit 2 and 3): what
 * cannot be annotated.
 */
export function perfettoTrace(
  { spans }: Pick<AnalyzeResult, "spans">,
  full: boolean,
): AsyncIterable<string | Uint8Array> {
  if (!full) return slimTrace(spans);
  const [only, ...others] = spans;
  if (only === undefined || others.length > 0)
    throw new TriageError({
      code: "perfetto/several-traces",
      exit: EXIT.usage,
      message: `--full annotates one recorded trace, and ${spans.length} were analysed.`,
      hint: "Give one trace, pick one with --rank, or leave --full out.",
    });
  const { path, complete, damage } = only.graph.trace.origin;
  if (!complete)
    throw new TriageError({
      code: "perfetto/damaged-trace",
      exit: EXIT.unreadable,
      message: `${path} cannot be annotated: ${damage}.`,
      place: path,
      hint: "Leave --full out: what could be read is then written without the rest.",
    });
  return annotated(path, spans);
}

async function* slimTrace(spans: AnalyzeResult["spans"]): AsyncGenerator<string> {
  // Recorders that count from a base of their own say so beside the events; it counts for these too.
  const base = spans[0]?.graph.trace.metadata.other.baseTimeNanoseconds;
  const isTime = /^(?:0|[1-9]\d*)$/.test(String(base));
  const baseText = isTime ? `"baseTimeNanoseconds":${base},` : "";
  yield `{"displayTimeUnit":"ns",${baseText}"traceEvents":[\n`;
  yield* perfettoEvents(spans);
  yield "\n]}\n";
}

async function* annotated(
  path: string,
  spans: AnalyzeResult["spans"],
): AsyncGenerator<string | Uint8Array> {
  const source = await openSource(path);
  yield* insertEvents(source.chunks(), perfettoEvents(spans));
}
