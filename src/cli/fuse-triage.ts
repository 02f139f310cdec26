#!/usr/bin/env node
import { start } from "./start.ts";

/** Both programs under the package's own name, which is what `npx` and `uvx` call. */
async function load() {
  if (process.argv[2] !== "rules") return import("./triage/main.ts");
  const { main } = await import("./rules/main.ts");
  return { main: (args: readonly string[]) => main(args.slice(1)) };
}

await start(load);
