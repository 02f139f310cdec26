import { openSource } from "./source.ts";

/** Metadata before `traceEvents` (device properties, process groups) may take this much. */
const HEAD = 4 << 20;

/**
 * A cheap look at the first decoded bytes, for telling traces from other JSON in a folder: the key
 * `traceEvents` or the keys Kineto writes before it, or a bare list of events. A file that cannot
 * be read or decoded passes, so that reading it can say what is wrong.
 */
export async function looksLikeTrace(path: string): Promise<boolean> {
  let head = "";
  try {
    for await (const chunk of (await openSource(path)).chunks()) {
      head += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
      if (isTrace(head)) return true;
      if (head.length >= HEAD) return false;
    }
  } catch {
    return true;
  }
  return isTrace(head);
}

function isTrace(head: string): boolean {
  if (/"(traceEvents|deviceProperties|distributedInfo)"\s*:/.test(head)) return true;
  return /^\s*\[\s*\{/.test(head) && /"ph"\s*:/.test(head);
}
