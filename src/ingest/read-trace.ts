import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { EXIT, TriageError } from "../model/errors.ts";
import type { Trace, TraceOrigin } from "../model/trace.ts";
import { newEventRow } from "./event-row.ts";
import { rowFromObject } from "./row-from-object.ts";
import { TraceBuilder } from "./trace-builder.ts";

export interface ReadOptions {
  readonly reader?: "fast" | "reference";
  readonly role?: TraceOrigin["role"];
  readonly rank?: number | null;
  readonly rankFrom?: string | null;
  readonly maxBytes?: number;
  readonly onProgress?: (bytesRead: number, totalBytes: number, events: number) => void;
  readonly signal?: AbortSignal;
}

/** Reads one trace file into columns. */
export async function readTrace(path: string, options: ReadOptions = {}): Promise<Trace> {
  const bytes = await readFile(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  const document = JSON.parse(text) as Record<string, unknown> | unknown[];
  const { traceEvents, ...head } = Array.isArray(document) ? { traceEvents: document } : document;
  if (!Array.isArray(traceEvents)) {
    throw new TriageError({
      code: "trace/no-events",
      exit: EXIT.unreadable,
      message: `${path} is JSON, but has no traceEvents list.`,
      place: path,
      hint: "Give a trace that torch.profiler exported (export_chrome_trace).",
    });
  }
  const builder = new TraceBuilder();
  const row = newEventRow();
  for (const element of traceEvents) {
    if (rowFromObject(row, element, builder.texts)) builder.add(row);
    else builder.addUnreadable();
  }
  return builder.finish(
    {
      path,
      role: options.role ?? "input",
      rank: options.rank ?? null,
      rankFrom: options.rankFrom ?? null,
      bytes: bytes.length,
      complete: true,
      damage: null,
    },
    head,
  );
}
