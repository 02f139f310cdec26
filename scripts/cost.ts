/**
 * How the cost of inputs that no recording has grows with their size: steps of n, 2n, 4n and 8n for
 * every shape of test/cost. `npm run cost -- nested streams` runs some of them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SHAPES } from "../test/cost/shapes.ts";
import { stepsOf } from "../test/cost/steps.ts";

const wanted = process.argv.slice(2);
for (const [name, shape] of Object.entries(SHAPES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const counts = [1, 2, 4, 8].map((times) => {
    const folder = mkdtempSync(join(tmpdir(), "fuse-triage-cost-"));
    try {
      const { steps, exit } = stepsOf(shape, times * shape.size, folder);
      return `${times * shape.size}: ${(steps / 1e6).toFixed(2)} M (exit ${exit})`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  console.log(`${name.padEnd(28)} ${counts.join("  ")}`);
}
