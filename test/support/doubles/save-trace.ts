import { appendFile, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import type { Faults } from "./fault.ts";

type Pause = (seconds: number) => Promise<void>;

/** As torch does: plain JSON beside its name and renamed, gz streamed into the final name. */
export async function saveTrace(
  path: string,
  text: string,
  faults: Faults,
  pause: Pause,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (faults.sharedPath) {
    // The other rank opened the file as well: its writes land in the middle of these.
    await writeFile(path, text.slice(0, text.length / 2) + text.slice(text.length / 3));
    return;
  }
  if (!path.endsWith("gz")) {
    await writeFile(
      `${path}.tmp`,
      faults.truncate === null ? text : text.slice(0, text.length / 2),
    );
    await rename(`${path}.tmp`, path);
    return;
  }
  const bytes = gzipSync(text);
  if (faults.badCrc) bytes.writeUInt8(bytes.readUInt8(bytes.length - 8) ^ 0xff, bytes.length - 8);
  await writeFile(path, "");
  await writeBursts(path, cut(bytes, faults), faults.growSeconds, pause);
}

function cut(bytes: Buffer, { truncate, dieAt }: Faults): Buffer {
  if (truncate === "half" || dieAt === "saving") return bytes.subarray(0, bytes.length / 2);
  return truncate === "trailer" ? bytes.subarray(0, bytes.length - 8) : bytes;
}

/** Six bursts; after the second and the fourth the size stands still for two more. */
async function writeBursts(path: string, bytes: Buffer, seconds: number, pause: Pause) {
  const bursts = 6;
  const size = Math.ceil(bytes.length / bursts);
  for (let burst = 0; burst < bursts; burst++) {
    await appendFile(path, bytes.subarray(burst * size, (burst + 1) * size));
    if (seconds > 0 && burst < bursts - 1)
      await pause((burst === 1 || burst === 3 ? 3 : 1) * (seconds / 9));
  }
}
