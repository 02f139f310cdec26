import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Two workers: the machines this runs on have two cores, and trace tests are memory-hungry.
    maxWorkers: 2,
  },
});
