import { TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import { firstBytes, streamRegular } from "../base/regular-file.ts";

/** A log has more text than is read of one. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/**
 * A log's text in pieces: unpacked when it is gzip, as UTF-16 where its first bytes say so, else as
 * UTF-8.
 *
 * @param most unpacked bytes that are read
 * @param reads told of every piece's bytes
 * @throws {UnfitFile} for what is no file; {TooLong} behind the last of `most` bytes
 */
export async function* logPieces(
  file: string,
  most: number,
  reads: (bytes: number) => void = () => {},
): AsyncGenerator<string> {
  const isPacked = firstBytes(file, 2).equals(GZIP);
  const stream = streamRegular(file, CHUNK);
  const content = isPacked ? stream.pipe(createGunzip({ chunkSize: CHUNK })) : stream;
  if (content !== stream) stream.on("error", (error) => content.destroy(error));
  let decoder: TextDecoder | null = null;
  let left = most;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(encodingOf(chunk));
      reads(Math.min(left, chunk.length));
      yield decoder.decode(chunk.subarray(0, left), { stream: true });
      left -= chunk.length;
      if (left < 0) throw new TooLong(`it has more than ${most} bytes`);
    }
  } finally {
    stream.destroy();
    content.destroy();
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const CHUNK = 1 << 20;

/** Letters of a line that are held; a server's arguments take some thousands. */
const LONGEST_LINE = 1 << 20;

/** The lines of a log with their numbers, 1-based; one that never ends comes in parts. */
export async function* logLines(
  file: string,
  most: number,
): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  let number = 1;
  let held = "";
  for await (const piece of logPieces(file, most)) {
    const lines = (held + piece).split(LINE_END);
    held = lines.pop()!;
    for (const text of lines) yield { number: number++, text };
    if (held.length <= LONGEST_LINE) continue;
    yield { number, text: held };
    // What two parts share, so that no mark is parted.
    held = held.slice(-SHARED);
  }
  if (held !== "") yield { number, text: held };
}

const SHARED = 1024;

/** Bars of progress end in carriage returns; one at a piece's end may have its line feed in the next. */
const LINE_END = /\r\n|\n|\r(?!$)/;

/** By the byte order mark, and without one by where the zeros of plain letters stand. */
function encodingOf(head: Buffer): "utf-16le" | "utf-16be" | "utf-8" {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (head.length >= 2 && first !== 0 && second === 0) return "utf-16le";
  return head.length >= 2 && first === 0 && second !== 0 ? "utf-16be" : "utf-8";
}
