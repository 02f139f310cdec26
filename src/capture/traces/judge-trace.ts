import { createGunzip } from "node:zlib";
import { firstBytes, streamRegular } from "../../base/regular-file.ts";
import { JsonBalance } from "./json-balance.ts";
import { StepCounter, type StepCounts } from "./step-counter.ts";

/**
 * `complete`: read to a clean end. `partial`: ends early, so it is still being written or was cut.
 * `corrupt`: no amount of waiting repairs it.
 */
type TraceState = "complete" | "partial" | "corrupt";

export interface TraceVerdict {
  readonly state: TraceState;
  /** Why, in words; null when complete. */
  readonly reason: string | null;
  readonly steps: StepCounts | null;
}

interface JudgeOptions {
  /** Also require balanced JSON, for files that several processes may have written at once. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal | null;
}

/**
 * Reads a trace file to its end and says whether it is whole. Neither its name nor a size that stands
 * still proves that: torch streams `.json.gz` into the final name, in bursts.
 *
 * @throws file-system errors, and the signal's reason when aborted.
 */
export async function judgeTrace(path: string, options: JudgeOptions = {}): Promise<TraceVerdict> {
  const zipped = firstBytes(path, 2).equals(GZIP);
  const steps = new StepCounter();
  const balance = options.strict ? new JsonBalance() : null;
  let lastByte = 0;
  try {
    for await (const chunk of contentOf(path, zipped)) {
      options.signal?.throwIfAborted();
      steps.add(chunk);
      balance?.add(chunk);
      lastByte = lastVisible(chunk) ?? lastByte;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    return unread(error as NodeJS.ErrnoException);
  }
  if (lastByte !== 0x7d && lastByte !== 0x5d)
    return { state: "partial", reason: "its JSON has no end", steps: null };
  if (balance !== null && !balance.balanced)
    return { state: "corrupt", reason: "its JSON is not one value", steps: null };
  return { state: "complete", reason: null, steps: steps.finish() };
}

/** Not a `pipeline`: that fails when zlib, at its clean end, leaves padding behind it unread. */
async function* contentOf(path: string, zipped: boolean): AsyncGenerator<Buffer> {
  const file = streamRegular(path, 1 << 20);
  const content = zipped ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  if (content !== file) file.on("error", (error) => content.destroy(error));
  try {
    yield* content as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** The last byte that is no blank, or undefined when there is none. */
function lastVisible(chunk: Buffer): number | undefined {
  for (let at = chunk.length - 1; at >= 0; at--) if (chunk[at]! > 0x20) return chunk[at];
  return undefined;
}

function unread(error: NodeJS.ErrnoException): TraceVerdict {
  if (error.code === "Z_BUF_ERROR")
    return { state: "partial", reason: "the gzip stream ends early", steps: null };
  if (error.code?.startsWith("Z_"))
    return { state: "corrupt", reason: `gzip: ${error.message}`, steps: null };
  throw error;
}
