import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip, gzipSync } from "node:zlib";
import { traceChunks, traceText } from "./serialise.ts";
import type { SynthTrace } from "./trace.ts";

/** Ninth byte of a gzip header: the writer's operating system; 255 = unknown, the same everywhere. */
const OS_BYTE = 9;

/** Writes the trace; gzip-compressed when `path` ends in ".gz". Creates folders as needed. */
export function writeTrace(trace: SynthTrace, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = traceText(trace);
  writeFileSync(path, path.endsWith(".gz") ? gzipped(text) : text);
}

/** Same settings on every run: no time stamp, fixed level and memory, neutral OS byte. */
export function gzipped(text: string): Buffer {
  const packed = gzipSync(text, { level: constants.Z_BEST_COMPRESSION, memLevel: 9 });
  packed[OS_BYTE] = 255;
  return packed;
}

/** Writes text piece by piece in bounded memory, for traces too large to hold. */
export async function writeChunks(chunks: Iterable<string>, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const file = createWriteStream(path);
  if (path.endsWith(".gz")) await pipeline(Readable.from(chunks), createGzip({ level: 1 }), file);
  else await pipeline(Readable.from(chunks), file);
}

export async function writeTraceStreaming(trace: SynthTrace, path: string): Promise<void> {
  await writeChunks(traceChunks(trace), path);
}
