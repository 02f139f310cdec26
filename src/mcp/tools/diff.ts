import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { diffSides } from "../../commands/diff.ts";
import { parseBudget } from "../../diff/budgets.ts";
import { DEFAULT_THRESHOLDS } from "../../diff/noise.ts";
import { DIFF_FORMATS } from "../../report/diff/document.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../report/renderer.ts";
import { answer, refusal, roomFor } from "../answer.ts";
import type { Session } from "../session.ts";
import * as args from "./arguments.ts";

const SIDE = "Trace, folder of a run, or a report stored as JSON";

/** What changed between two runs beyond noise. */
export function addDiff(server: McpServer, session: Session): void {
  server.registerTool(
    "diff",
    {
      title: "Compare two runs",
      description:
        "What changed between two traces or stored reports beyond noise: step time, kernels slower, faster or replaced, fusions won or lost. With budgets, whether they hold.",
      inputSchema: {
        before: args.path.describe(SIDE),
        after: args.path.describe(SIDE),
        budgets: z
          .array(z.string().min(1).max(200))
          .max(20)
          .optional()
          .describe('Such as "decode.gpuTime<=+2%" or "stepTime<=12ms"'),
        rank: args.rank,
        stage: args.stage,
        maxTokens: args.maxTokens,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async (
      { before, after, budgets = [], rank, stage, maxTokens = session.maxTokens },
      { signal },
    ) => {
      try {
        const { paths, analysis } = session;
        const { diff } = await diffSides({
          before: paths.resolve(before),
          after: paths.resolve(after),
          budgets: budgets.map(parseBudget),
          gates: [],
          thresholds: DEFAULT_THRESHOLDS,
          analyze: {
            ...analysis,
            minSharePct: 0,
            rank: rank ?? null,
            stage: args.stageOf(stage),
            signal,
          },
        });
        const maxBytes = roomFor(maxTokens);
        return answer(
          DIFF_FORMATS.brief(diff, { ...DEFAULT_RENDER_OPTIONS, maxBytes, failures: [] }),
        );
      } catch (error) {
        return refusal(error);
      }
    },
  );
}
