import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Agent, startAgent } from "./client.ts";

interface Question {
  readonly title: string;
  readonly tool: string;
  readonly args: { readonly maxTokens: number };
  readonly answers: readonly string[];
}

/** The questions as the page writes them: a heading, one call, what its answer must hold. */
const QUESTIONS: readonly Question[] = readFileSync("docs/agent-questions.md", "utf8")
  .split(/^## /m)
  .slice(1)
  .map((part): Question => {
    const [title = ""] = part.split("\n");
    const [, tool = "", args = ""] = /^`(\w+) (\{.*\})`$/m.exec(part) ?? [];
    const answers = [...part.matchAll(/^- `(.+)`$/gm)].map(([, text]) => text!);
    return { title, tool, args: JSON.parse(args), answers };
  });

let agent: Agent;
beforeAll(async () => {
  agent = await startAgent(join(process.cwd(), "examples"));
}, 60_000);
afterAll(() => agent.close());

test("there are at least twelve, each with an answer and a budget", () => {
  expect(QUESTIONS.length).toBeGreaterThanOrEqual(12);
  for (const { answers, args } of QUESTIONS) {
    expect(answers.length).toBeGreaterThan(0);
    expect(args.maxTokens).toBeLessThanOrEqual(1500);
  }
});

test.each(QUESTIONS)(
  "$title",
  async ({ tool, args, answers }) => {
    const { text, isError } = await agent.call(tool, { ...args });
    expect({ isError, text: isError ? text : "" }).toEqual({ isError: false, text: "" });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3 * args.maxTokens);
    for (const answer of answers) expect(text).toContain(answer);
  },
  60_000,
);
