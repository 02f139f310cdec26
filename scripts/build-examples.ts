/** Rebuilds examples/ (all but its README) from the trace synthesiser: `npm run examples`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exampleFiles } from "../test/support/synth/examples/index.ts";
import { gzipped } from "../test/support/synth/write.ts";

const ROOT = "examples";

mkdirSync(ROOT, { recursive: true });
for (const entry of readdirSync(ROOT, { withFileTypes: true }))
  if (entry.isDirectory()) rmSync(join(ROOT, entry.name), { recursive: true });

let total = 0;
for (const { path, text } of exampleFiles()) {
  const file = join(ROOT, path);
  const bytes = path.endsWith(".gz") ? gzipped(text) : Buffer.from(text);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  total += bytes.length;
  console.log(`${String(bytes.length).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  total`);
