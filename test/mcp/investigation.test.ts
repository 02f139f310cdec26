import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Agent, startAgent } from "./client.ts";

/** Bytes of all answers of one investigation together. */
const MOST = 12_000;

/** Each bundled example, and the run that it is compared with. */
const RUNS = [
  ["sglang-tp2-decode", "mapping-formal/formal"],
  ["sglang-tp2-prefill", "two-stream-overlap"],
  ["vllm-eager", "sglang-tp2-decode"],
  ["trtllm", "tokenspeed"],
  ["tokenspeed", "trtllm"],
  ["mapping-formal", "sglang-tp2-decode"],
  ["two-stream-overlap", "sglang-tp2-prefill"],
] as const;

describe("an agent goes through each bundled example", () => {
  let agent: Agent;
  beforeAll(async () => {
    agent = await startAgent(join(process.cwd(), "examples"));
  }, 60_000);
  afterAll(() => agent.close());

  test.each(RUNS)(
    "%s, compared with %s",
    async (run, other) => {
      const path = run === "mapping-formal" ? "mapping-formal/formal" : run;
      const lent = run === "mapping-formal" ? { mapping: "mapping-formal/mapping" } : {};
      let bytes = 0;
      const ask = async (name: string, args: Readonly<Record<string, unknown>>) => {
        const { text, isError } = await agent.call(name, args);
        expect({ name, text: isError ? text : "" }).toEqual({ name, text: "" });
        expect(text).toMatch(/\nLeft out: .+\n$/);
        bytes += Buffer.byteLength(text);
        return text;
      };
      // What first.
      const report = await ask("triage", { path, ...lent, maxTokens: 1300 });
      const action = /^1\. .+ — .+\n(?: {3}.+\n)* {3}Id: (\S+)$/m.exec(report)?.[1];
      expect(action).toBeDefined();
      expect(report).toMatch(/^Where the time goes: /m);
      const kernel = /^Kernels: .*\n([^|\n]+) \|/m.exec(report)?.[1];
      expect(kernel).toBeDefined();
      // Why.
      const why = await ask("explain", { row: action, path, ...lent });
      expect(why).toMatch(/^(?:saves|what): ./m);
      // Where.
      const where = await ask("explain", { row: kernel, path, ...lent });
      expect(where).toMatch(/^## Sites$|^Site |Python location/m);
      // Compared with another run.
      const diff = await ask("diff", { before: other, after: path, maxTokens: 800 });
      expect(diff).toMatch(/^Before: ./m);
      expect(diff).toMatch(/step time|no common stage|Verdict/);
      expect(bytes).toBeLessThanOrEqual(MOST);
    },
    60_000,
  );
});
