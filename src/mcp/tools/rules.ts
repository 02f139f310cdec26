import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { explainOnTraces } from "../../commands/rules/explain.ts";
import { unknownRule } from "../../commands/rules/unknown-rule.ts";
import type { Rule } from "../../model/rule.ts";
import { loadRuleBase, type RuleBase } from "../../pipeline/inputs/rule-base.ts";
import { type Block, facts, innerTable, list } from "../../report/document/block.ts";
import { documentBrief } from "../../report/document/brief.ts";
import { RULE_EXPLANATION_FORMATS } from "../../report/explanation/document.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../report/renderer.ts";
import { cell, span } from "../../report/table.ts";
import { answer, refusal, roomFor } from "../answer.ts";
import type { Session } from "../session.ts";
import * as args from "./arguments.ts";

/** Which rules there are. */
export function addRulesList(server: McpServer, session: Session): void {
  server.registerTool(
    "rules_list",
    {
      title: "List rules",
      description:
        "Rules by id, with origin, kind, status and title: which fusions and overlaps are known. Narrow it with contains.",
      inputSchema: {
        contains: z.string().max(200).optional().describe("Part of an id or a title"),
        origin: z.string().max(100).optional().describe("sglang, vllm, flashinfer, trtllm …"),
        status: z.enum(["mainline", "in-flight", "experimental", "deprecated"]).optional(),
        kind: z.enum(["fusion", "overlap"]).optional(),
        maxTokens: args.maxTokens,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ contains = "", origin, status, kind, maxTokens = session.maxTokens }) => {
      try {
        const { ruleSet } = await loadRuleBase(session.analysis);
        const part = contains.toLowerCase();
        const found = ruleSet.rules.filter(
          (rule) =>
            (origin === undefined || rule.origin === origin) &&
            (status === undefined || rule.status === status) &&
            (kind === undefined || rule.kind === kind) &&
            `${rule.id} ${rule.title}`.toLowerCase().includes(part),
        );
        return answer(documentBrief(listed(found), roomFor(maxTokens)));
      } catch (error) {
        return refusal(error);
      }
    },
  );
}

function listed(rules: readonly Rule[]): readonly Block[] {
  const words = (text: string) => cell(span(text));
  return [
    { kind: "title", text: `${rules.length} ${rules.length === 1 ? "rule" : "rules"}` },
    innerTable(
      [
        ["Rule", "left"],
        ["Origin", "left"],
        ["Kind", "left"],
        ["Status", "left"],
        ["Title", "left"],
      ],
      rules.map(({ id, origin, kind, status, title }) =>
        [id, origin, kind, status, title].map(words),
      ),
    ),
  ];
}

/** What a rule says; with a trace, why it matched or which clause stopped it. */
export function addRulesExplain(server: McpServer, session: Session): void {
  server.registerTool(
    "rules_explain",
    {
      title: "Explain a rule",
      description:
        "What a rule looks for, its switch and its sources; with a path, every clause against that trace: why it matched, or what stopped it.",
      inputSchema: {
        rule: z.string().min(1).max(200).describe("Id of the rule"),
        path: args.path.optional(),
        mapping: args.mapping,
        rank: args.rank,
        stage: args.stage,
        maxTokens: args.maxTokens,
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ rule, path, mapping, rank, stage, maxTokens = session.maxTokens }, { signal }) => {
      try {
        const { paths, analysis } = session;
        const maxBytes = roomFor(maxTokens);
        if (path === undefined) {
          const found = ruleNamed(rule)(await loadRuleBase(analysis));
          return answer(documentBrief(saidBy(found), maxBytes));
        }
        const found = await explainOnTraces(ruleNamed(rule), {
          ...analysis,
          inputs: [paths.resolve(path)],
          formal: [],
          mapping: mapping === undefined ? [] : [paths.resolve(mapping)],
          rank: rank ?? null,
          stage: args.stageOf(stage),
          signal,
        });
        return answer(
          RULE_EXPLANATION_FORMATS.brief(found, { ...DEFAULT_RENDER_OPTIONS, maxBytes }),
        );
      } catch (error) {
        return refusal(error);
      }
    },
  );
}

const ruleNamed =
  (id: string) =>
  ({ ruleSet: { rules } }: RuleBase): Rule => {
    const found = rules.find((one) => one.id === id);
    if (found !== undefined) return found;
    throw unknownRule(
      id,
      rules.map((one) => one.id),
    );
  };

function saidBy(rule: Rule): readonly Block[] {
  const { id, title, status, prs, kind, origin, file, toggle, sources, messages, states } = rule;
  const names = [...new Set(states.map(({ state }) => state))];
  return [
    { kind: "title", text: `${id}: ${title}` },
    ...facts(
      ["Is", cell(span(`${kind} of ${origin}, ${[status, ...prs].join(", ")}, in ${file}`))],
      ["States", cell(span(names.join(", ")))],
      ["Switch", toggle === null ? [] : cell(span(toggle))],
    ),
    ...list(
      ...messages.map((one) => [span(`${one.state} ${one.kind}: ${one.template}`)]),
      ...sources.map(({ url, path, symbol, repo }) => [
        span(
          `source: ${url === "" ? `${repo} ${path}` : url}${symbol === null ? "" : ` # ${symbol}`}`,
        ),
      ]),
    ),
  ];
}
