import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { saysDiffusersBackend } from "../../src/capture/diffusion-gate.ts";
import { logLines, logPieces, TooLong } from "../../src/capture/log-text.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("lines end in line feeds, carriage returns or both, wherever a piece ends", async () => {
  const filler = "x".repeat((1 << 20) - 3);
  const folder = temporaryFolder({ log: `a\r${filler}\r\nb\nc` });
  const lines = await all(logLines(join(folder, "log"), Infinity));
  expect(lines.map(({ number, text }) => [number, text.slice(0, 1)])).toEqual([
    [1, "a"],
    [2, "x"],
    [3, "b"],
    [4, "c"],
  ]);
});

test("a line that never ends comes in parts that share what a mark may be parted by", async () => {
  const folder = temporaryFolder({ log: `${"x".repeat(3 << 20)}loaded diffusers pipeline` });
  const lines = await all(logLines(join(folder, "log"), Infinity));
  expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThan(3 << 20);
  expect(lines.some(({ text }) => saysDiffusersBackend(text))).toBe(true);
});

test("no more is unpacked than asked for", async () => {
  const bomb = Buffer.concat(Array.from({ length: 16 }, () => gzipSync(Buffer.alloc(4 << 20))));
  const folder = temporaryFolder({ "log.gz": bomb });
  let bytes = 0;
  const reading = all(
    logPieces(join(folder, "log.gz"), 1 << 20, (more) => {
      bytes += more;
    }),
  );
  await expect(reading).rejects.toThrow(TooLong);
  expect(bytes).toBe(1 << 20);
});

test("a pipe is not waited for", async () => {
  const path = join(temporaryFolder({}), "log");
  execFileSync("mkfifo", [path]);
  await expect(all(logPieces(path, 1))).rejects.toThrow("is a pipe, no regular file");
});

test("a long line takes no longer than its length to judge", () => {
  const started = performance.now();
  expect(saysDiffusersBackend(`${"no ".repeat(300_000)} backend='diffusers'`)).toBe(true);
  expect(performance.now() - started).toBeLessThan(1000);
});
