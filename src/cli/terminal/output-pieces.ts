import { createWriteStream, openSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { writeWhole } from "../../base/files/write-whole.ts";
import { cannotWrite, isCode, isStdout } from "./output.ts";

/**
 * Writes what is too large to hold: to a file as a whole or not at all, packed when its name ends
 * in .gz; null and "-" mean stdout, unpacked.
 */
export async function writePieces(
  pieces: AsyncIterable<string | Uint8Array>,
  path: string | null,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (isStdout(path))
      await pipeline(Readable.from(pieces), process.stdout, { signal, end: false });
    else await writeWhole(path, (place, flags) => intoFile(pieces, place, flags, path, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (!isCode(error, "EPIPE"))
      throw cannotWrite(error, isStdout(path) ? "standard output" : path);
  }
}

async function intoFile(
  pieces: AsyncIterable<string | Uint8Array>,
  place: string,
  flags: "w" | "wx",
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const packing = path.endsWith(".gz") ? [createGzip({ level: 6 })] : [];
  const file = createWriteStream(place, { fd: openSync(place, flags), flush: true });
  await pipeline([Readable.from(pieces), ...packing, file], { signal });
}
