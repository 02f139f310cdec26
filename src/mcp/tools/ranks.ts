import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ranksSideBySide } from "../../commands/ranks.ts";
import { RANKS_FORMATS } from "../../report/ranks/document.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../report/renderer.ts";
import { answer, refusal, roomFor } from "../answer.ts";
import type { Session } from "../session.ts";
import * as args from "./arguments.ts";

/** Who is slow, who waits. */
export function addRanks(server: McpServer, session: Session): void {
  server.registerTool(
    "ranks",
    {
      title: "Ranks side by side",
      description:
        "Of a folder with the traces of several ranks: step times, which rank is slower than the others beyond noise and where it loses the time, and how much of each collective is waiting.",
      inputSchema: { path: args.path, stage: args.stage, maxTokens: args.maxTokens },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ path, stage, maxTokens = session.maxTokens }, { signal }) => {
      try {
        const { paths, analysis } = session;
        const report = await ranksSideBySide({
          ...analysis,
          inputs: [paths.resolve(path)],
          mapping: [],
          formal: [],
          allRanks: true,
          stage: args.stageOf(stage),
          signal,
        });
        const maxBytes = roomFor(maxTokens);
        return answer(RANKS_FORMATS.brief(report, { ...DEFAULT_RENDER_OPTIONS, maxBytes }));
      } catch (error) {
        return refusal(error);
      }
    },
  );
}
