import { join } from "node:path";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../model/options.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader, WHOLE } from "../option-values.ts";
import { type OptionSpecs, parseOptions, usage } from "../options.ts";
import { RULE_OPTIONS } from "../settings/rule-options.ts";
import { rulesRead, settled } from "../settings/settled.ts";
import { TRIAGE_OPTIONS } from "./triage-options.ts";

const COMMAND = "triage mcp";

const OPTIONS = {
  root: {
    value: "DIR",
    multiple: true,
    group: "Reading",
    help: "Folder whose traces and reports may be read; links that lead out are not followed. May be given several times. Default: the working folder.",
  },
  "max-bytes": TRIAGE_OPTIONS["max-bytes"],
  "max-tokens": {
    value: "N",
    group: "Output",
    help: "Size of an answer whose caller says none. Default: 650.",
  },
  ...RULE_OPTIONS,
  help: TRIAGE_OPTIONS.help,
} as const satisfies OptionSpecs;

/** The commands as tools of the Model Context Protocol. */
export const mcp: Command = {
  help: () => ({
    usage: ["triage mcp [options]"],
    summary:
      "Serves triage, explain, diff, ranks, rules_list and rules_explain to agents over the Model Context Protocol, on standard input and output. Answers are cut to a budget of tokens and say what was left out.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "claude mcp add fuse-triage -- triage mcp --root /data/profiles",
          '{ "mcpServers": { "fuse-triage": { "command": "triage", "args": ["mcp", "--root", "/data"] } } }',
        ],
      },
    ],
  }),
  run,
};

async function run(args: readonly string[], { signal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  if (given.positionals.length > 0)
    throw usage("no-operands", "Traces are named by the tools; folders with --root.", COMMAND);
  const read = valueReader(COMMAND);
  const { DEFAULT_MAX_TOKENS, LEAST_MAX_TOKENS } = await import("../../mcp/answer.ts");
  const least = { ...WHOLE, min: LEAST_MAX_TOKENS };
  const { analysis } = await settled(given, {
    ...DEFAULT_ANALYZE_OPTIONS,
    // In this thread, where the wall around what may be read stands.
    jobs: 1,
    maxBytes: read.bytes("max-bytes", given.text("max-bytes")),
  });
  const [{ StdioServerTransport }, { makeServer }, { openPaths }, { ReportShelf }] =
    await Promise.all([
      import("@modelcontextprotocol/sdk/server/stdio.js"),
      import("../../mcp/server.ts"),
      import("../../mcp/paths.ts"),
      import("../../mcp/report-shelf.ts"),
    ]);
  const roots = given.all("root");
  const besides = [
    ...rulesRead(analysis),
    ...[analysis.policyPath, analysis.machinesPath].filter((path) => path !== null),
    // Where a rule base keeps its source lock.
    ...rulesRead(analysis).map((path) => join(path, "../references")),
  ];
  const server = makeServer({
    paths: openPaths(roots.length === 0 ? ["."] : roots, besides),
    shelf: new ReportShelf(),
    analysis,
    maxTokens: read.number("max-tokens", given.text("max-tokens"), least) ?? DEFAULT_MAX_TOKENS,
  });
  await new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    // The client that goes away closes its end; nothing is left to answer.
    process.stdin.on("end", () => void server.close());
    signal.addEventListener("abort", () => void server.close());
    void server.connect(new StdioServerTransport());
  });
  return EXIT.ok;
}
