import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { explainRow } from "../../commands/explain.ts";
import { EXPLANATION_FORMATS } from "../../report/explanation/document.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../report/renderer.ts";
import { answer, refusal, roomFor } from "../answer.ts";
import type { Session } from "../session.ts";
import * as args from "./arguments.ts";

/** Occurrences of a rule, launches of an action. */
const LISTED = 3;

/** Why, and where in the code: everything behind one row. */
export function addExplain(server: McpServer, session: Session): void {
  server.registerTool(
    "explain",
    {
      title: "Explain one row of a report",
      description:
        "Why and where: everything behind one row. row is an action's id, a rule's id, or a kernel's name (a part that only one kernel has will do). Of a kernel: what launches it, with the Python stack, its neighbours, how its durations spread. Of a rule: guards, what stopped its patterns, sources. Of an action: its kernels launch by launch, the step before and after.",
      inputSchema: {
        row: z.string().min(1).max(4096).describe("Action id, rule id or kernel name"),
        path: args.path,
        mapping: args.mapping,
        rank: args.rank,
        stage: args.stage,
        maxTokens: args.maxTokens,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ row, path, mapping, rank, stage, maxTokens = session.maxTokens }, { signal }) => {
      try {
        const { paths, analysis } = session;
        const trace = [paths.resolve(path)];
        const lent = mapping === undefined ? [] : [paths.resolve(mapping)];
        const found = await explainRow(row, LISTED, {
          ...analysis,
          inputs: lent.length === 0 ? trace : [],
          formal: lent.length === 0 ? [] : trace,
          mapping: lent,
          rank: rank ?? null,
          stage: args.stageOf(stage),
          signal,
        });
        const options = { ...DEFAULT_RENDER_OPTIONS, maxBytes: roomFor(maxTokens) };
        return answer(EXPLANATION_FORMATS.brief(found, options));
      } catch (error) {
        return refusal(error);
      }
    },
  );
}
