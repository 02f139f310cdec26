import type { Program } from "../command.ts";

/** The `triage` command: a subcommand is its module and an entry here. */
export const TRIAGE: Program = {
  name: "triage",
  default: "triage",
  commands: {
    triage: {
      summary: "kernels, overlap opportunities and fuse patterns of traces (the default)",
      load: async () => (await import("./triage.ts")).triageTraces,
    },
    explain: {
      summary: "everything behind one row of a report: a kernel or a rule",
      load: async () => (await import("./explain.ts")).explainRowCommand,
    },
    diff: {
      summary: "what changed between two traces or reports, beyond noise",
      load: async () => (await import("./diff.ts")).diff,
    },
    ranks: {
      summary: "ranks of one job side by side: who is slow, who waits",
      load: async () => (await import("./ranks.ts")).ranks,
    },
    digest: {
      summary: "a trace in a hundredth of its size, for reports, ranks, diffs and fleets",
      load: async () => (await import("./digest.ts")).digest,
    },
    fleet: {
      summary: "many digests together: what flipped, what got slower, what is left",
      load: async () => (await import("./fleet.ts")).fleet,
    },
    show: {
      summary: "a stored report in another format",
      load: async () => (await import("./show.ts")).show,
    },
    watch: {
      summary: "a report for each trace that a profiler completes in a folder",
      load: async () => (await import("./live/watch.ts")).watch,
    },
    example: {
      summary: "a report of a trace that comes with the package",
      load: async () => (await import("./example.ts")).example,
    },
    mcp: {
      summary: "the commands as tools for agents (Model Context Protocol)",
      load: async () => (await import("./mcp.ts")).mcp,
    },
    completion: {
      summary: "what bash, zsh or fish needs to complete commands and options",
      load: async () => (await import("./completion.ts")).completionOf(TRIAGE),
    },
    capture: {
      summary: "profile a running server",
      load: async () => (await import("./live/capture.ts")).capture,
    },
    probe: {
      summary: "does a server answer, and how fast",
      load: async () => (await import("./live/probe.ts")).probe,
    },
    matrix: {
      summary: "capture and triage models on several frameworks",
      load: async () => (await import("./live/matrix.ts")).matrix,
    },
    bundle: {
      summary: "one document of many reports",
      load: async () => (await import("./bundle.ts")).bundle,
    },
    "override-trtllm": {
      summary: "make TensorRT-LLM record Python stacks",
      load: async () => (await import("./live/override-trtllm.ts")).overrideTrtllmSource,
    },
  },
};
