#!/usr/bin/env node
// Nothing is imported before the guard stands: what Node cannot load ends the process with 1, which
// is what a failed gate ends with.
await import("./process/start.ts").then(
  ({ start }) => start(() => import("./rules/main.ts")),
  (error: Error) => {
    process.stderr.write(`error: The program could not be loaded: ${error.message}\n`);
    process.exitCode = 70;
  },
);

export {};
