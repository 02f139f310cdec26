import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { toolVersion } from "../base/version.ts";
import { addReports } from "./resources.ts";
import type { Session } from "./session.ts";
import { addDiff } from "./tools/diff.ts";
import { addExplain } from "./tools/explain.ts";
import { addRanks } from "./tools/ranks.ts";
import { addRulesExplain, addRulesList } from "./tools/rules.ts";
import { addTriage } from "./tools/triage.ts";

const INSTRUCTIONS =
  "Reads torch.profiler traces of LLM serving engines. Begin with triage (what first); explain its action ids, rule ids and kernels (why, where); diff two runs; ranks for a folder of several ranks. Answers are cut to maxTokens and end with what was left out. Savings are upper bounds, found by re-timing the trace.";

/** A server of the Model Context Protocol whose tools are the commands. */
export function makeServer(session: Session): McpServer {
  const { name, version } = toolVersion();
  const server = new McpServer({ name, version }, { instructions: INSTRUCTIONS });
  addTriage(server, session);
  addExplain(server, session);
  addDiff(server, session);
  addRanks(server, session);
  addRulesList(server, session);
  addRulesExplain(server, session);
  addReports(server, session);
  return server;
}
