import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { exampleFiles } from "./synth/examples.ts";

const onDisk = readdirSync("examples", { recursive: true, encoding: "utf8" })
  .filter((path) => statSync(join("examples", path)).isFile() && path !== "README.md")
  .sort();

test("examples/ holds what the synthesiser makes, nothing else (npm run examples)", () => {
  expect(onDisk).toEqual(exampleFiles().map(({ path }) => path));
});

// Compared after decompression: zlib versions may pack the same text differently.
test.each(exampleFiles())("$path is current", ({ path, text }) => {
  const bytes = readFileSync(join("examples", path));
  const found = path.endsWith(".gz") ? gunzipSync(bytes).toString() : bytes.toString();
  expect(found === text).toBe(true);
});

test("examples stay small", () => {
  const sizes = onDisk.map((path) => statSync(join("examples", path)).size);
  expect(Math.max(...sizes)).toBeLessThan(150_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_000_000);
});
