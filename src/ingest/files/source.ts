import { createReadStream, promises as fs, type ReadStream } from "node:fs";
import { Readable, type Transform, type TransformOptions } from "node:stream";
import * as zlib from "node:zlib";
import { EXIT, TriageError } from "../../model/errors.ts";
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
  /** Size on disk. */
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
 * Opens a plain, gzip or zstd file; the first bytes tell which, names are not trusted.
 *
 * @throws TriageError (exit 3) when the file cannot be read, or is zstd and this Node has none.
 */
export async function openSource(path: string): Promise<Source> {
  const { size, magic } = await firstBytes(path);
  const unpack = unpackerFor(path, magic);
  let file: ReadStream | null = null;
  return {
    path,
    totalBytes: size,
    bytesRead: () => file?.bytesRead ?? 0,
    chunks: () => {
      file = createReadStream(path, { highWaterMark: CHUNK });
      return unpack === null ? plainChunks(path, file) : unpacked(path, file, unpack, size);
    },
  };
}

async function firstBytes(path: string): Promise<{ size: number; magic: Buffer }> {
  try {
    const stats = await fs.stat(path);
    // Opening a pipe waits for its other end; a device may never come to its own.
    if (!stats.isFile() && !stats.isDirectory()) throw notAFile(path);
    const file = await fs.open(path);
    try {
      const { size } = stats;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return { size, magic: buffer.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TriageError) throw error;
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function notAFile(path: string): TriageError {
  return new TriageError({
    code: "trace/not-a-file",
    exit: EXIT.unreadable,
    message: `${path} is a pipe, a socket or a device, not a file.`,
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

async function* plainChunks(path: string, file: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* file;
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

async function* unpacked(
  path: string,
  file: Readable,
  { format, stream }: Unpacker,
  size: number,
): AsyncGenerator<Uint8Array> {
  file.on("error", (error) => stream.destroy(unreadable(path, error)));
  file.pipe(stream);
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
    if (format === "gzip") yield* lastWords(path, delivered, stream.bytesWritten, size);
    throw new SourceDamage(damageOf(format, error as NodeJS.ErrnoException, stream, size));
  } finally {
    file.destroy();
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
  path: string,
  delivered: number,
  whole: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  for (const piece of PIECES) {
    const pieces = Readable.from(inPieces(path, whole, piece));
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
    if (whole === size) return;
  }
}

async function* inPieces(path: string, whole: number, piece: number): AsyncGenerator<Uint8Array> {
  let position = 0;
  const file: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK });
  for await (const chunk of file) {
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
