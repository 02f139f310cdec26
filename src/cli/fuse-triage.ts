#!/usr/bin/env node
/** Both programs under the package's own name, which is what `npx` and `uvx` call. */
async function load() {
  if (process.argv[2] !== "rules") return import("./triage/main.ts");
  const { main } = await import("./rules/main.ts");
  return { main: (args: readonly string[]) => main(args.slice(1)) };
}

await import("./process/start.ts").then(
  ({ start }) => start(load),
  (error: Error) => {
    process.stderr.write(`error: The program could not be loaded: ${error.message}\n`);
    process.exitCode = 70;
  },
);

export {};
