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
    explain: {
      summary: "everything behind one row of a report: a kernel or a rule",
      load: async () => (await import("./commands/explain-row.ts")).explainRowCommand,
    },
    diff: {
      summary: "what changed between two traces or reports, beyond noise",
      load: async () => (await import("./commands/diff.ts")).diff,
    },
    ranks: {
      summary: "ranks of one job side by side: who is slow, who waits",
      load: async () => (await import("./commands/ranks.ts")).ranks,
    },
    capture: {
      summary: "profile a running server",
      load: async () => (await import("./commands/capture.ts")).capture,
    },
    probe: {
      summary: "does a server answer, and how fast",
      load: async () => (await import("./commands/probe.ts")).probe,
    },
    matrix: {
      summary: "capture and triage models on several frameworks",
      load: async () => (await import("./commands/matrix.ts")).matrix,
    },
    bundle: {
      summary: "one document of many reports",
      load: async () => (await import("./commands/bundle.ts")).bundle,
    },
    "override-trtllm": {
      summary: "make TensorRT-LLM record Python stacks",
      load: async () => (await import("./commands/override-trtllm.ts")).overrideTrtllmSource,
    },
  },
};
