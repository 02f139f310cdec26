/** Removes the declarations in dist/types that the library's own do not lead to. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = "dist/types";
const kept = new Set<string>();

function keep(file: string): void {
  if (kept.has(file)) return;
  kept.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, target = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
    const path = normalize(join(dirname(file), target)).replace(/\.[tj]sx?$/, ".d.ts");
    if (!existsSync(path)) throw new Error(`${file} names ${target}, which has no declarations`);
    keep(path);
  }
}

keep(join(ROOT, "index.d.ts"));
for (const name of readdirSync(ROOT, { recursive: true, encoding: "utf8" })) {
  const file = join(ROOT, name);
  if (name.endsWith(".d.ts") && !kept.has(file)) rmSync(file);
}
