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
