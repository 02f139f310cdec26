import { createWriteStream, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { cannotWrite, isCode, realTarget } from "./output.ts";

/**
 * Writes what is too large to hold: to a file as a whole or not at all, packed when its name ends
 * in .gz; null and "-" mean stdout, unpacked.
 */
export async function writePieces(
  pieces: AsyncIterable<string | Uint8Array>,
  path: string | null,
  signal: AbortSignal,
): Promise<void> {
  if (path === null || path === "-") return toStdout(pieces, signal);
  const target = realTarget(path);
  if (target.isSpecial) return toPlace(pieces, target.path, path, signal);
  const temporary = join(dirname(target.path), `.${basename(target.path)}.${process.pid}.tmp`);
  try {
    await toPlace(pieces, temporary, path, signal);
    renameSync(temporary, target.path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

async function toPlace(
  pieces: AsyncIterable<string | Uint8Array>,
  place: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const packing = path.endsWith(".gz") ? [createGzip({ level: 6 })] : [];
  try {
    const file = createWriteStream(place, { fd: openSync(place, "w"), flush: true });
    await pipeline([Readable.from(pieces), ...packing, file], { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!isCode(error, "EPIPE")) throw cannotWrite(error, path);
  }
}

async function toStdout(
  pieces: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { signal, end: false });
  } catch (error) {
    signal.throwIfAborted();
    if (!isCode(error, "EPIPE")) throw cannotWrite(error, "standard output");
  }
}
