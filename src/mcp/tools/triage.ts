import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { analyze } from "../../commands/triage.ts";
import { FORMATS } from "../../report/formats.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../report/renderer.ts";
import { answer, refusal, roomFor } from "../answer.ts";
import type { Session } from "../session.ts";
import * as args from "./arguments.ts";

/** What to do first, where the time goes, the tops of the tables; and a report to ask for again. */
export function addTriage(server: McpServer, session: Session): void {
  server.registerTool(
    "triage",
    {
      title: "Triage a trace",
      description:
        "Start here. Of a torch.profiler trace of an LLM serving engine: actions, best first, each with what it saves at most and its id; where the step's time goes; kernels with the Python line that launches them; overlap opportunities; fusions that are used or missed.",
      inputSchema: {
        path: args.path,
        mapping: args.mapping,
        rank: args.rank,
        stage: args.stage,
        maxTokens: args.maxTokens,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ path, mapping, rank, stage, maxTokens = session.maxTokens }, { signal }) => {
      try {
        const { paths, shelf, analysis } = session;
        const trace = [paths.resolve(path)];
        const lent = mapping === undefined ? [] : [paths.resolve(mapping)];
        const { reports } = await analyze({
          ...analysis,
          inputs: lent.length === 0 ? trace : [],
          formal: lent.length === 0 ? [] : trace,
          mapping: lent,
          rank: rank ?? null,
          stage: args.stageOf(stage),
          signal,
        });
        const known = shelf.all().length;
        const { id, report } = shelf.add(reports[0]!);
        if (shelf.all().length !== known) server.sendResourceListChanged();
        const head = `report ${id} (resource fuse-triage://reports/${id})`;
        const maxBytes = roomFor(maxTokens, head);
        return answer(`${head}\n${FORMATS.brief(report, { ...DEFAULT_RENDER_OPTIONS, maxBytes })}`);
      } catch (error) {
        return refusal(error);
      }
    },
  );
}
