import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findReports } from "../../src/capture/bundle/find-reports.ts";
import { headingsOf } from "../../src/capture/bundle/github-anchor.ts";
import {
  type BundledReport,
  type BundleOptions,
  renderBundle,
} from "../../src/capture/bundle/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PLAIN: BundleOptions = { title: "Bundle", contents: true, date: null, missing: [] };

function report(part: Partial<BundledReport>): BundledReport {
  return {
    label: "m",
    framework: "sglang",
    source: "m/analysis_sglang.md",
    isMarkdown: true,
    text: "",
    ...part,
  };
}

test("one document: models by name, frameworks in fixed order, gaps said", () => {
  const reports = [
    report({
      label: "b",
      framework: "vllm",
      source: "b/analysis_vllm.txt",
      isMarkdown: false,
      text: "Model      Qwen/Qwen3-32B (server_args.json)\r\n| a | b |\r\n",
    }),
    report({
      label: "b",
      source: "b/analysis_sglang.md",
      text: "# fuse-triage\n\n- Model: **Qwen/Qwen3-32B** (x)\n\n## decode\n",
    }),
    report({ label: "a", framework: "tokenspeed", source: "a/analysis_tokenspeed.md", text: "\n" }),
  ];
  const missing = [{ label: "b", framework: "trtllm" as const, reason: "failed: the server died" }];
  expect(renderBundle(reports, { ...PLAIN, missing })).toBe(`# Bundle

## Contents

- [a](#a)
- [Qwen/Qwen3-32B](#qwenqwen3-32b)

## a

Model id: \`a\`

### TokenSpeed

Source: \`a/analysis_tokenspeed.md\`

_Empty report._

### Missing

- SGLang: no report
- vLLM: no report
- TensorRT-LLM: no report

## Qwen/Qwen3-32B

Model id: \`b\`

### SGLang

Source: \`b/analysis_sglang.md\`

#### fuse-triage

- Model: **Qwen/Qwen3-32B** (x)

##### decode

### vLLM

Source: \`b/analysis_vllm.txt\`

\`\`\`text
Model      Qwen/Qwen3-32B (server_args.json)
| a | b |
\`\`\`

### Missing

- TensorRT-LLM: failed: the server died
- TokenSpeed: no report
`);
});

test("the order of the reports changes nothing; the date only comes when asked for", () => {
  const reports = ["x", "y", "z"].flatMap((label) => [
    report({ label, framework: "vllm", source: `${label}/analysis_vllm.md` }),
    report({ label, source: `${label}/analysis_sglang.md` }),
  ]);
  const text = renderBundle(reports, PLAIN);
  expect(renderBundle([...reports].reverse(), PLAIN)).toBe(text);
  expect(text).not.toContain("Generated");
  expect(renderBundle(reports, { ...PLAIN, date: "2026-11-24" })).toContain(
    "\n\n_Generated on 2026-11-24_\n\n",
  );
  expect(renderBundle(reports, { ...PLAIN, contents: false })).not.toContain("## Contents");
});

test("two folders of one model are told apart", () => {
  const text = "Model: big/model";
  const bundle = renderBundle(
    [report({ label: "run-a", text }), report({ label: "run-b", text })],
    PLAIN,
  );
  expect(bundle).toContain(
    "- [big/model (run-a)](#bigmodel-run-a)\n- [big/model (run-b)](#bigmodel-run-b)",
  );
});

test("links point at the right heading although reports hold headings of the same name", () => {
  const bundle = renderBundle(
    [report({ label: "a", text: "# b\n\n```\n# b\n```\n" }), report({ label: "b", text: "# a\n" })],
    PLAIN,
  );
  for (const [, text, anchor] of bundle.matchAll(/^- \[(.+)\]\(#(.+)\)$/gm)) {
    const target = headingsOf(bundle).find((heading) => heading.anchor === anchor);
    expect([target?.text, target?.level]).toEqual([text, 2]);
  }
  expect(bundle).toContain("- [b](#b-1)");
});

test("a report with fences of its own stays inside its fence", () => {
  const bundle = renderBundle(
    [report({ isMarkdown: false, text: "```\n# no heading\n```" })],
    PLAIN,
  );
  expect(bundle).toContain("````text\n```\n# no heading\n```\n````");
  expect(headingsOf(bundle).map(({ text }) => text)).not.toContain("no heading");
});

test.each([
  ["Qwen/Qwen3-32B", "qwenqwen3-32b"],
  ["A  b", "a--b"],
  ["snake_case & Co.", "snake_case--co"],
  ["`code` and **bold**", "code-and-bold"],
  ["[link](http://x) \\#1", "link-1"],
  ["Größe 5µs", "größe-5µs"],
])("GitHub's anchor of %s is %s", (heading, anchor) => {
  expect(headingsOf(`# ${heading}`)[0]?.anchor).toBe(anchor);
});

test("repeated anchors are numbered past those taken already", () => {
  expect(headingsOf("# a\n# a\n# a-1\n# a").map(({ anchor }) => anchor)).toEqual([
    "a",
    "a-1",
    "a-1-1",
    "a-2",
  ]);
});

describe("finding reports", () => {
  test("by name below a root; a framework's folder is no model; a file counts once", async () => {
    const root = temporaryFolder({
      "qwen3/analysis_sglang.md": "x",
      "qwen3/vllm_formal/analysis_vllm_live.txt": "x",
      "qwen3/trtllm/notes.txt": "x",
      "llama/analysis.md": "- Framework: **TensorRT-LLM** — frames vllm/\n",
      "llama/matrix.json":
        '{"cells": [{"framework": "vllm", "status": "failed", "message": "died"}, {"framework": "sglang", "status": "done"}]}',
    });
    const { reports, missing } = await findReports(
      [root, root],
      [join(root, "qwen3/analysis_sglang.md")],
    );
    expect(reports.map(({ label, framework, source }) => [label, framework, source])).toEqual([
      ["llama", "trtllm", "llama/analysis.md"],
      ["qwen3", "sglang", "qwen3/analysis_sglang.md"],
      ["qwen3", "vllm", "qwen3/vllm_formal/analysis_vllm_live.txt"],
    ]);
    expect(missing[0]).toEqual({ label: "llama", framework: "vllm", reason: "failed: died" });
  });

  test("one by one, with a label", async () => {
    const root = temporaryFolder({ "r.md": "x", "a=b/r.md": "y" });
    const { reports } = await findReports(
      [],
      [`mine=${join(root, "r.md")}`, join(root, "a=b/r.md")],
    );
    expect(reports.map(({ label, framework }) => [label, framework])).toEqual([
      ["mine", "other"],
      ["a=b", "other"],
    ]);
  });

  test("missing files and empty roots are errors", async () => {
    await expect(findReports([], ["absent.md"])).rejects.toMatchObject({
      code: "bundle/missing-file",
      exit: 3,
    });
    const root = temporaryFolder({ "notes.txt": "" });
    await expect(findReports([root], [])).rejects.toMatchObject({ code: "bundle/no-reports" });
  });
});
