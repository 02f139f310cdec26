import type { Program } from "../command.ts";

/** The `rules` command: a subcommand is its module and an entry here. */
export const RULES: Program = {
  name: "rules",
  default: null,
  commands: {
    lint: {
      summary: "check rules: form, sources, tests, overlaps",
      load: async () => (await import("./lint.ts")).lint,
    },
    fmt: {
      summary: "write rule files in their one format, or check that they are",
      load: async () => (await import("./fmt.ts")).fmt,
    },
    test: {
      summary: "run the tests embedded in the rules",
      load: async () => (await import("./test.ts")).test,
    },
    explain: {
      summary: "why a rule matched a trace, or which clause stopped it",
      load: async () => (await import("./explain.ts")).explain,
    },
    try: {
      summary: "what a rule does to the reports of traces",
      load: async () => (await import("./try.ts")).tryCommand,
    },
    new: {
      summary: "write a new rule file to fill in",
      load: async () => (await import("./new.ts")).newRule,
    },
    list: {
      summary: "which rules there are",
      load: async () => (await import("./list.ts")).list,
    },
    docs: {
      summary: "write the catalogues from the rules, or check that they are current",
      load: async () => (await import("./docs.ts")).docs,
    },
    lock: {
      summary: "look the sources of the rules up in checkouts of their repositories",
      load: async () => (await import("./lock.ts")).lock,
    },
    coverage: {
      summary: "which kernels that source trees declare the rules know",
      load: async () => (await import("./coverage.ts")).coverage,
    },
    dictionary: {
      summary: "put kernel names of traces into the dictionary",
      load: async () => (await import("./dictionary.ts")).dictionary,
    },
    "language-server": {
      summary: "serve .fuse files to an editor",
      load: async () => (await import("./language-server.ts")).languageServer,
    },
    pack: {
      summary: "compile the rules into the file that triage starts from",
      load: async () => (await import("./pack.ts")).pack,
    },
  },
};
