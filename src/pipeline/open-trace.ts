import { decideFramework } from "../ingest/frameworks/index.ts";
import { readTrace } from "../ingest/read-trace.ts";
import type { FrameworkDecision } from "../model/framework.ts";
import type { AnalyzeOptions } from "../model/options.ts";
import type { Trace, TraceOrigin } from "../model/trace/trace.ts";
import type { TraceFile, TraceSelection } from "../model/trace/trace-selection.ts";

/** Reads one file for what it is to the run: its input, its mapping trace, a capture that lends code. */
export function readTraceFile(
  file: TraceFile,
  role: TraceOrigin["role"],
  options: AnalyzeOptions,
): Promise<Trace> {
  return readTrace(file.path, {
    reader: options.reader,
    role,
    rank: file.rank,
    rankFrom: file.rankFrom,
    maxBytes: options.maxBytes,
    signal: options.signal,
    onProgress: (done, total) =>
      options.onProgress?.({ phase: "read", path: file.path, done, total }),
  });
}

/** Whose trace it is, from the trace, the run's server args and what the user says. */
export function frameworkOf(
  trace: Trace,
  file: TraceFile,
  { serverArgs }: TraceSelection,
  { framework }: AnalyzeOptions,
): FrameworkDecision {
  return decideFramework(trace, {
    serverArgs: serverArgs?.value ?? null,
    override: framework,
    fileName: file.path,
  });
}
