import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, temporaryFolderForAll } from "../support/temporary-folder.ts";
import { type Agent, startAgent } from "./client.ts";

const EXAMPLES = join(process.cwd(), "examples");

describe("a server on the examples", () => {
  let agent: Agent;
  beforeAll(async () => {
    agent = await startAgent(EXAMPLES);
  }, 60_000);
  afterAll(() => agent.close());

  test("offers the commands as tools that read only", async () => {
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "triage",
      "explain",
      "diff",
      "ranks",
      "rules_list",
      "rules_explain",
    ]);
    for (const { annotations, inputSchema } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true });
      expect(inputSchema.properties).toHaveProperty("maxTokens");
    }
    expect(agent.client.getInstructions()).toContain("Begin with triage");
  });

  test("gives a report a name to ask for it again, short or whole", async () => {
    const { text } = await agent.call("triage", { path: "vllm-eager" });
    const [, id] = /^report ([0-9a-f]{12}) /.exec(text)!;
    const uri = `fuse-triage://reports/${id}`;
    const { resources } = await agent.client.listResources();
    expect(resources.map((one) => one.uri)).toContain(uri);
    const brief = await agent.client.readResource({ uri });
    expect(brief.contents[0]).toMatchObject({ text: expect.stringContaining("Left out: ") });
    const { contents } = await agent.client.readResource({ uri: `${uri}/json` });
    const report = JSON.parse((contents[0] as { text: string }).text);
    expect(report).toMatchObject({ framework: "vllm" });
    // The same trace and rules have the same name.
    const again = await agent.call("triage", { path: "vllm-eager" });
    expect(again.text).toBe(text);
    await expect(
      agent.client.readResource({ uri: "fuse-triage://reports/nosuchreport" }),
    ).rejects.toThrow("No report nosuchreport in this session");
  }, 60_000);

  test.each([200, 650, 3000])(
    "keeps to %i tokens and says what is left out",
    async (maxTokens) => {
      const asked = { path: "sglang-tp2-decode", maxTokens };
      for (const [name, args] of [
        ["triage", asked],
        ["ranks", asked],
        ["explain", { ...asked, row: "fused_moe_kernel" }],
        ["rules_explain", { ...asked, rule: "sgl-moe-align" }],
        ["rules_list", { maxTokens }],
        ["diff", { before: "sglang-tp2-decode", after: "sglang-tp2-decode", maxTokens }],
      ] as const) {
        const { text, isError } = await agent.call(name, args);
        expect({ name, isError }).toEqual({ name, isError: false });
        expect(text).toMatch(/\nLeft out: .+\n$/);
        // The first line of a report comes on top where there is least room.
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(3 * maxTokens, 700));
      }
    },
    60_000,
  );

  test("has bundled examples wherever it runs, and nothing else of the package", async () => {
    const { isError } = await agent.call("triage", { path: "example:trtllm" });
    expect(isError).toBe(false);
    for (const path of ["example:nowhere", "example:../rules", "example:trtllm/../../package.json"])
      expect(await agent.call("triage", { path })).toMatchObject({
        isError: true,
        text: expect.stringContaining("mcp/no-such-example"),
      });
  }, 60_000);

  test("tells a rule that nobody has, with the nearest", async () => {
    const { text, isError } = await agent.call("rules_explain", { rule: "sgl-moe-aling" });
    expect(isError).toBe(true);
    expect(text).toContain("sgl-moe-align");
  });

  test("refuses arguments that make no sense", async () => {
    const { text, isError } = await agent.call("triage", { path: "vllm-eager", maxTokens: 3 });
    expect(isError).toBe(true);
    expect(text).toContain("maxTokens");
  });
});

describe("what lies outside the roots", () => {
  const folder = temporaryFolderForAll();
  let agent: Agent;
  beforeAll(async () => {
    const [inside, outside] = [join(folder(), "inside"), join(folder(), "outside")];
    for (const path of [inside, outside]) mkdirSync(path);
    const trace = join(outside, "rank-0.json");
    cpSync(join(EXAMPLES, "trtllm/trtllm-trace-1787405615-9f3c21ab-rank-0.json"), trace);
    writeFileSync(join(outside, "secret.json"), '{"traceEvents":[]}');
    symlinkSync(trace, join(inside, "link.json"));
    symlinkSync(outside, join(inside, "folder"));
    mkdirSync(join(inside, "run"));
    symlinkSync(trace, join(inside, "run", "rank-0.json"));
    agent = await startAgent(folder(), "--root", inside);
  }, 60_000);
  afterAll(() => agent.close());

  test.each([
    ["../outside/secret.json", "mcp/outside-roots"],
    ["/etc/passwd", "mcp/outside-roots"],
    ["/no/such/file", "mcp/outside-roots"],
    ["link.json", "mcp/outside-roots"],
    ["folder/secret.json", "mcp/outside-roots"],
    // A folder within that holds a link out: the file itself is refused.
    ["run", "trace/outside"],
    ["nowhere.json", "mcp/no-such-path"],
  ])("%s is refused", async (path, code) => {
    for (const [name, args] of [
      ["triage", { path }],
      ["explain", { path, row: "x" }],
      ["diff", { before: path, after: path }],
    ] as const) {
      const { text, isError } = await agent.call(name, args);
      expect({ name, isError }).toEqual({ name, isError: true });
      expect(text).toContain(`code: ${code}`);
      expect(text).toMatch(/^do: ./m);
    }
  });

  test("the server goes on after that", async () => {
    const { isError } = await agent.call("rules_list", { contains: "rope" });
    expect(isError).toBe(false);
  });
});

/** A trace of many kernels, of so many names. */
function hugeTrace(kernels: number, names: number): string {
  const events = Array.from({ length: kernels }, (_, at) => ({
    ...{ ph: "X", cat: "kernel", name: `kernel_${at % names}<${"T".repeat(40)}>` },
    ...{ ts: 10 * at, dur: 8, pid: 0, tid: 7, args: { device: 0, stream: 7, correlation: at } },
  }));
  return JSON.stringify({ traceEvents: events });
}

describe("hard cases", () => {
  test("a huge report is cut, and its JSON is not handed out", async () => {
    const folder = temporaryFolder({ "huge.json": hugeTrace(6000, 3000) });
    const settings = "cuts: { minShare: 0 }\n";
    writeFileSync(join(folder, "fuse-triage.yaml"), settings);
    const agent = await startAgent(folder);
    const { text } = await agent.call("triage", { path: "huge.json", maxTokens: 500 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1500);
    expect(text).toMatch(/of 3000 .*Kernels/);
    const [, id] = /^report ([0-9a-f]{12}) /.exec(text)!;
    await expect(
      agent.client.readResource({ uri: `fuse-triage://reports/${id}/json` }),
    ).rejects.toThrow(/bytes of JSON, more than .* --format json --output FILE/);
    await agent.close();
  }, 60_000);

  test("a call that is cancelled ends, and the next one is answered", async () => {
    const folder = temporaryFolder({ "large.json": hugeTrace(200_000, 50) });
    const agent = await startAgent(folder);
    const cancel = new AbortController();
    const call = agent.call("triage", { path: "large.json" }, { signal: cancel.signal });
    setTimeout(() => cancel.abort("enough"), 30);
    await expect(call).rejects.toThrow(/enough/);
    const { isError } = await agent.call("rules_list", { contains: "rope" });
    expect(isError).toBe(false);
    await agent.close();
  }, 60_000);

  test("broken rules are told by every tool that needs them, and one broken of many in the report", async () => {
    const folder = temporaryFolder({
      "broken/fuse/x/broken.fuse": "fuse 1\nrule broken : fusion { titel }",
      "half/fuse/x/broken.fuse": "fuse 1\nrule broken : fusion { titel }",
      "half/lib/own.fuse": 'fuse 1\n\nlibrary own "Own" = name "own*"\n',
    });
    const broken = await startAgent(folder, "--rules", "broken");
    for (const [name, args] of [
      ["triage", { path: "example:trtllm" }],
      ["rules_list", {}],
    ] as const) {
      const { text, isError } = await broken.call(name, args);
      expect(isError).toBe(true);
      expect(text).toContain("code: rules/none-valid");
      expect(text).toMatch(/at: .*broken\.fuse:2:/);
    }
    await broken.close();
    const half = await startAgent(folder, "--rules", "half");
    const { text, isError } = await half.call("triage", {
      path: "example:trtllm",
      maxTokens: 9000,
    });
    expect(isError).toBe(false);
    expect(text).toContain("rule left out");
    await half.close();
  }, 60_000);

  test("what is no trace is told like on the command line", async () => {
    const folder = temporaryFolder({ "notes.txt": "hello", "empty.json": "{}" });
    const agent = await startAgent(folder);
    for (const path of ["notes.txt", "empty.json"]) {
      const { text, isError } = await agent.call("triage", { path });
      expect(isError).toBe(true);
      expect(text).toMatch(/^error: .+\n(?:at: .+\n)?do: .+\ncode: [a-z-]+\/[a-z-]+$/);
    }
    await agent.close();
  }, 60_000);

  test("a root that is not there ends the server with words", async () => {
    const { triageHere } = await import("../cli/triage/run-in-process.ts");
    const { code, err } = await triageHere("mcp", "--root", "/no/such/root");
    expect(code).toBe(2);
    expect(err).toContain("mcp/no-such-root");
  });
});
