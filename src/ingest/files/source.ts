import { promises as fs } from "node:fs";
import { Readable, type Transform, type TransformOptions } from "node:stream";
import * as zlib from "node:zlib";
import { EXIT, TriageError } from "../../model/errors.ts";
import { fileBytes, pipeBytes, STANDARD_INPUT, type Stored } from "./stored.ts";
import { unreadable } from "./unreadable.ts";

/** One megabyte: a quarter of the time of zlib's default goes into switching chunks. */
const CHUNK = 1 << 20;
/** Unpacked ahead of the reader, so that neither waits for the other's slower moments. */
const AHEAD = 4 * CHUNK;
/** The types of Node 20 do not know that zlib's streams take the options of streams. */
const UNPACKING: zlib.ZlibOptions & TransformOptions = {
  chunkSize: CHUNK,
  readableHighWaterMark: AHEAD,
};
/** Bytes at a time when looking for the place where packed data breaks. */
const PIECES = [1024, 1];

/** The stored bytes ended or broke before the format says they may; what came before was delivered. */
export class SourceDamage extends Error {
  override readonly name = "SourceDamage";
}

/** A file as the bytes it stands for, whatever it is packed in. */
export interface Source {
  readonly path: string;
  /** Size on disk; of a pipe what came out of it so far. */
  readonly totalBytes: number;
  /** Bytes of the file used up so far. */
  bytesRead(): number;
  /**
   * Decoded bytes in chunks of about a megabyte.
   *
   * @throws SourceDamage after everything decodable was delivered.
   */
  chunks(): AsyncGenerator<Uint8Array>;
}

/**
 * Opens a plain, gzip or zstd file or pipe; the first bytes tell which, names are not trusted.
 *
 * @throws TriageError (exit 3) when the file cannot be read, or is zstd and this Node has none.
 */
export async function openSource(path: string): Promise<Source> {
  const stored = await openStored(path);
  const unpack = unpackerFor(path, stored.magic);
  if (unpack?.format === "gzip") stored.keep();
  return {
    path,
    get totalBytes() {
      return stored.size();
    },
    bytesRead: stored.bytesRead,
    chunks: () => {
      const bytes = stored.bytes();
      return unpack === null ? plainChunks(path, bytes) : unpacked(path, bytes, unpack, stored);
    },
  };
}

async function openStored(path: string): Promise<Stored> {
  if (path === STANDARD_INPUT) return pipeBytes(path);
  try {
    const stats = await fs.stat(path);
    if (stats.isFIFO()) return await pipeBytes(path);
    // A device may never come to its end.
    if (!stats.isFile() && !stats.isDirectory()) throw notAFile(path);
    return fileBytes(path, stats.size);
  } catch (error) {
    if (error instanceof TriageError) throw error;
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function notAFile(path: string): TriageError {
  return new TriageError({
    code: "trace/not-a-file",
    exit: EXIT.unreadable,
    message: `${path} is a socket or a device, not a file.`,
    place: path,
    hint: "Write the trace to a file first and give that.",
  });
}

interface Unpacker {
  readonly format: "gzip" | "zstd";
  readonly stream: Transform & { readonly bytesWritten: number };
}

function unpackerFor(path: string, magic: Buffer): Unpacker | null {
  if (magic[0] === 0x1f && magic[1] === 0x8b) {
    return { format: "gzip", stream: zlib.createGunzip(UNPACKING) };
  }
  if (magic.length === 4 && magic.readUInt32LE() === 0xfd2fb528) {
    return { format: "zstd", stream: zstd(path) };
  }
  return null;
}

function zstd(path: string): Unpacker["stream"] {
  const create = (zlib as { createZstdDecompress?: (options: object) => Unpacker["stream"] })
    .createZstdDecompress;
  if (create !== undefined) return create(UNPACKING);
  throw new TriageError({
    code: "trace/no-zstd",
    exit: EXIT.unreadable,
    message: `${path} is packed with zstd, which Node ${process.versions.node} cannot unpack.`,
    place: path,
    hint: "Unpack it with `zstd -d`, or run on Node 22.15 or later.",
  });
}

async function* plainChunks(path: string, bytes: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

async function* unpacked(
  path: string,
  bytes: Readable,
  { format, stream }: Unpacker,
  stored: Stored,
): AsyncGenerator<Uint8Array> {
  bytes.on("error", (error) => stream.destroy(unreadable(path, error)));
  bytes.pipe(stream);
  let delivered = 0;
  try {
    for await (const chunk of stream) {
      delivered += chunk.length;
      yield chunk;
    }
  } catch (error) {
    // Iterating stops at the error, but what was decoded before it still waits in the stream.
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) {
      delivered += chunk.length;
      yield chunk;
    }
    if (error instanceof TriageError) throw error;
    if (format === "gzip") yield* lastWords(stored, delivered, stream.bytesWritten);
    throw new SourceDamage(damageOf(format, error as NodeJS.ErrnoException, stream, stored.size()));
  } finally {
    bytes.destroy();
    stream.destroy();
  }
}

/**
 * What zlib had decoded of the chunk in which it met broken data, and threw away: unpacks again,
 * that chunk in pieces, then the piece in bytes.
 *
 * @param whole bytes of the file that were unpacked without trouble.
 */
async function* lastWords(
  stored: Stored,
  delivered: number,
  whole: number,
): AsyncGenerator<Uint8Array> {
  for (const piece of PIECES) {
    const pieces = Readable.from(inPieces(stored, whole, piece));
    const stream = pieces.pipe(zlib.createGunzip({ chunkSize: CHUNK }));
    let position = 0;
    const beyond = (chunk: Buffer): Buffer => {
      const from = Math.max(delivered - position, 0);
      position += chunk.length;
      return chunk.subarray(Math.min(from, chunk.length));
    };
    try {
      for await (const chunk of stream) yield beyond(chunk);
    } catch {
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) yield beyond(chunk);
    } finally {
      pieces.destroy();
      stream.destroy();
    }
    delivered = Math.max(delivered, position);
    whole = stream.bytesWritten;
    // Cut, not broken: there is no place to look for.
    if (whole === stored.size()) return;
  }
}

async function* inPieces(stored: Stored, whole: number, piece: number): AsyncGenerator<Uint8Array> {
  let position = 0;
  const bytes: AsyncIterable<Buffer> = stored.bytes();
  for await (const chunk of bytes) {
    const easy = Math.min(Math.max(whole - position, 0), chunk.length);
    if (easy > 0) yield chunk.subarray(0, easy);
    for (let at = easy; at < chunk.length; at += piece) yield chunk.subarray(at, at + piece);
    position += chunk.length;
  }
}

function damageOf(
  format: string,
  error: NodeJS.ErrnoException,
  stream: Unpacker["stream"],
  size: number,
): string {
  if (error.code === "Z_BUF_ERROR") return `${format} ended early at byte ${size}`;
  return `${format} data broken near byte ${stream.bytesWritten} (${error.message})`;
}
