import type { Program } from "./command.ts";

/** The `triage` command: a subcommand is its module and an entry here. */
export const TRIAGE: Program = {
  name: "triage",
  default: "triage",
  commands: {
    triage: {
      summary: "kernels, overlap opportunities and fuse patterns of traces (the default)",
      load: async () => (await import("./commands/triage-traces.ts")).triageTraces,
    },
  },
};
