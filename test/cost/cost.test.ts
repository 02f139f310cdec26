import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { SHAPES } from "./shapes.ts";
import { stepsOf } from "./steps.ts";

/** Twice the input may take this many times the steps: n log n, with room for what is fixed. */
const TWICE = 2.4;

test.each(Object.entries(SHAPES))("%s: at most n log n steps", { timeout: 120_000 }, (_, shape) => {
  const [few, many] = [shape.size, 2 * shape.size].map((n) =>
    stepsOf(shape, n, temporaryFolder({})),
  );
  // Findings are no failure; what is no answer at all would cost nothing.
  expect([few!.exit, many!.exit].every((exit) => exit === 0 || exit === 1)).toBe(true);
  expect(many!.steps / few!.steps).toBeLessThan(TWICE);
});
