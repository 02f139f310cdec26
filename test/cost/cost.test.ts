import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtCommand } from "../support/built-cli.ts";
import { SHAPES, type Shape } from "./shapes.ts";
import { countSteps } from "./steps.ts";

/** Twice the input may take this many times the steps: n log n, with room for what is fixed. */
const TWICE = 2.4;

/** Large enough that what grows outweighs what every run does. */
const SIZES: Readonly<Record<Shape["of"], readonly [number, number]>> = {
  trace: [2_000, 4_000],
  rules: [4_000, 8_000],
};

function stepsOf(shape: Shape, n: number, format: string): number {
  const folder = mkdtempSync(join(tmpdir(), "fuse-triage-cost-"));
  try {
    const args = shape.write(n, folder);
    const { steps, exit } =
      shape.of === "trace"
        ? countSteps(builtCommand("triage"), [
            ...args,
            "--format",
            format,
            "--output",
            join(folder, "out"),
          ])
        : countSteps(builtCommand("rules"), [format, ...args]);
    expect(exit).toBeLessThanOrEqual(1);
    return steps;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(Object.entries(SHAPES))("%s", (_, shape) => {
  test.each(shape.of === "trace" ? ["json", "perfetto"] : ["lint", "fmt"])(
    "%s takes at most n log n steps",
    { timeout: 120_000 },
    (format) => {
      const [n, twice] = SIZES[shape.of];
      const few = stepsOf(shape, n, format);
      const many = stepsOf(shape, twice, format);
      expect(many / few).toBeLessThan(TWICE);
    },
  );
});
