import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { traceText } from "../../test/support/synth/serialise.ts";
import { MIXES, type Mix } from "./mixes.ts";

const FOLDER = ".bench";

export interface BenchInput {
  readonly packed: string;
  /** Unpacked. */
  readonly bytes: number;
}

/** A trace of about `bytes` bytes, plain and packed; made once and kept. */
export async function benchInput(mix: Mix, size: string, bytes: number): Promise<BenchInput> {
  mkdirSync(FOLDER, { recursive: true });
  const plain = join(FOLDER, `${mix}-${size}.json`);
  const packed = `${plain}.gz`;
  if (!existsSync(plain)) writeReplicas(plain, traceText(MIXES[mix]()), bytes);
  if (!existsSync(packed)) {
    const half = `${packed}.part`;
    await pipeline(createReadStream(plain), createGzip({ level: 6 }), createWriteStream(half));
    renameSync(half, packed);
  }
  return { packed, bytes: statSync(plain).size };
}

function writeReplicas(path: string, text: string, bytes: number): void {
  const open = text.indexOf("[", text.indexOf('"traceEvents"')) + 1;
  const close = text.lastIndexOf("]");
  const body = shiftable(text.slice(open, close));
  const half = `${path}.part`;
  const file = openSync(half, "w");
  let written = writeSync(file, text.slice(0, open));
  for (let replica = 0; written < bytes; replica++) {
    if (replica > 0) written += writeSync(file, ",");
    written += writeSync(file, body(replica));
  }
  writeSync(file, text.slice(close));
  closeSync(file);
  renameSync(half, path);
}

/** Keys whose numbers must differ from replica to replica, and by how much a replica moves them. */
const SHIFTED = /("(?:ts|correlation|External id|Python id|Python parent id|Ev Idx|id)": )(\d+)/g;
const STEP: Readonly<Record<string, number>> = { '"ts": ': 10_000_000 };
const ID_STEP = 1_000_000;

/** The text with every time and id moved on by a replica's worth. */
function shiftable(text: string): (replica: number) => string {
  const parts = text.split(SHIFTED);
  return (replica) => {
    const out: string[] = [];
    for (let i = 0; i < parts.length; i += 3) {
      out.push(parts[i]!);
      const key = parts[i + 1];
      if (key === undefined) break;
      out.push(key, String(Number(parts[i + 2]) + replica * (STEP[key] ?? ID_STEP)));
    }
    return out.join("");
  };
}
