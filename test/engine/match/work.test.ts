import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { runRules } from "../../../src/engine/match/run-rules.ts";
import { decideFramework } from "../../../src/ingest/frameworks/index.ts";
import { documentOf, readDocument } from "../../ingest/reading.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const COUNT = 20_000;

/** `COUNT` kernels on these streams in turn. */
function kernels(names: readonly string[], streams = [7], dur = 1): string {
  return documentOf(
    Array.from({ length: COUNT }, (_, i) => {
      const stream = streams[i % streams.length]!;
      const name = names[i % names.length]!;
      const lane = { pid: 0, tid: stream, args: { device: 0, stream } };
      return { ph: "X", cat: "kernel", name, ts: i * 2, dur, ...lane };
    }),
  );
}

async function match(body: string, document: string) {
  const file = join(temporaryFolder({}), "fuse/x/costly.fuse");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `fuse 1\nlet k = name "k*"\nlet q = name "q*"\nlet z = name "*z*"\nrule costly : fusion {\n  title "t"\n  status mainline\n  ${body}\n  verdict split "x"\n}\n`,
  );
  const root = dirname(dirname(dirname(file)));
  const { ruleSet, diagnostics } = await loadRules(root);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { errors: errors.map(({ message }) => message), failures: [] };
  const { trace } = readDocument(document);
  const decision = decideFramework(trace, { serverArgs: null, override: null, fileName: "x" });
  const graph = buildKernelGraph(trace, { profile: decision.profile, ruleSet, stageHint: null });
  const start = performance.now();
  const { failures } = runRules(ruleSet, graph, []);
  expect(performance.now() - start).toBeLessThan(15_000);
  return { errors: [], failures: failures.map(({ message }) => message) };
}

const chain = (count: number, link: string, quantifier = ""): string =>
  Array.from({ length: count }, (_, i) => `k as c${i}${quantifier}`).join(` -> ${link} `);

describe("costly rules over many kernels of one name", () => {
  test.each([
    ["skips", `split ${chain(6, "[skip 64]")} -> z`],
    ["repeats and skips", `split ${chain(7, "[skip 64]", "{0..64}")} -> z`],
    ["optional steps", `split ${chain(30, "[skip 64]", "?")} -> z`],
    ["windows", `split ${chain(8, "[skip 64, past q, without z]", "{1..8}")} -> z`],
    ["gaps", `split ${chain(5, "[gap 1000ms, skip 64]", "{1..64}")} -> z`],
  ])("%s take time that grows with the kernels", async (_what, body) => {
    for (const names of [["k"], ["k", "q"]])
      expect(await match(body, kernels(names))).toEqual({ errors: [], failures: [] });
  });

  test("choices that a condition undoes one by one are left out with a reason", async () => {
    const body = `split ${chain(8, "[skip 64]", "{1..8}")} -> [gap 10ms] k as last where c0.name != last.name and c1.scope == last.scope`;
    const { failures } = await match(body, kernels(["k"]));
    expect(failures).toEqual([expect.stringMatching(/more than \d+ ways .* use smaller skips/)]);
  });

  test("so are pairs of kernels that all overlap each other", async () => {
    const document = kernels(["k", "q"], [7, 8], 1_000_000);
    const { failures } = await match("split overlap k as a with q as b >= 1%", document);
    expect(failures).toEqual([expect.stringMatching(/more than \d+ ways/)]);
  });

  test("patterns beyond the limits of the language are refused", async () => {
    expect(await match(`split ${chain(65, "[skip 1]")}`, kernels(["k"]))).toMatchObject({
      errors: ["a pattern has at most 64 steps"],
    });
    expect(await match(`split ${chain(9, "[skip 1]", "{1..64}")}`, kernels(["k"]))).toMatchObject({
      errors: ["a pattern takes at most 512 kernels, repeats counted"],
    });
  });
});
