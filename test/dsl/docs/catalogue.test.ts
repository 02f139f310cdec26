import { beforeAll, describe, expect, test } from "vitest";
import { checkContext } from "../../../src/dsl/checks/check.ts";
import { type Catalogue, cataloguesOf } from "../../../src/dsl/docs/catalogue.ts";
import { codeSpan, escapeMarkdown } from "../../../src/dsl/docs/markdown.ts";
import { workCatalogue } from "../../../src/dsl/docs/work-catalogue.ts";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import type { LoadedRules } from "../../../src/dsl/load-texts.ts";

let loaded: LoadedRules;
let fusions: Catalogue;
let overlaps: Catalogue;

beforeAll(async () => {
  loaded = await loadRules("test/dsl/fixtures/rules");
  const { rules } = checkContext(loaded, null, null);
  [fusions, overlaps] = cataloguesOf(rules, loaded.lock) as [Catalogue, Catalogue];
});

const headings = ({ text }: Catalogue) =>
  [...text.matchAll(/^#{2,4} .*$/gm)].map(([heading]) => heading);

test("work models by library, each with its ops, what it counts and its sources", async () => {
  const { works, ruleSet } = await loadRules("rules");
  const { file, text } = workCatalogue(works, ruleSet.works);
  expect(file).toBe("work-models.md");
  expect(headings({ file, text }).slice(0, 1)).toEqual(["## aiter"]);
  const entry = text.split("### table-update\n")[1]!.split("\n### ")[0]!;
  expect(entry).toContain("reads bytes(input[0]) + indices * 8");
  expect(entry).toContain("- At least, leaving out: the rows and their state");
  expect(entry).toMatch(/ {2}- fbgemm@\w{7} \[`fbgemm_gpu/);
  expect(text).not.toContain("expect flops");
});

describe("the catalogues", () => {
  test("mainline by origin, then what is in flight", () => {
    expect(headings(fusions)).toEqual([
      "## Mainline",
      "### Mainline: flashinfer",
      "#### add-rmsnorm",
      "### Mainline: sglang",
      "#### qknorm-rope-kvstore",
      "#### tp-allreduce-add-rmsnorm",
      "## In flight",
      "### In flight: sglang",
      "#### add-rmsnorm-token-quant",
    ]);
    expect(headings(overlaps).at(-1)).toBe("#### shared-expert-dual-stream");
  });

  test("an entry has its patterns as written, its guards, its sources as links and its switch", () => {
    const entry = fusions.text.split("#### tp-allreduce-add-rmsnorm")[1]!.split("\n## ")[0]!;
    expect(entry).toContain(`\`\`\`fuse
active comm.all_reduce_norm
split comm.all_reduce as ar
  -> [skip 1, gap 10us, without comm.all_reduce_norm] norm.fused_add_norm as norm
  repeat >= 4
\`\`\``);
    expect(entry).toContain("- Applies when: `framework in [sglang, vllm, trtllm]`, ");
    expect(entry).toMatch(
      /^ {2}- vllm@\w{7} \[`vllm\/compilation\/passes\/fusion\/allreduce_rms_fusion\.py#AllReduceFusionPass`\]\(https:\/\/github\.com\/vllm-project\/vllm\/blob\/\w{40}\/vllm/m,
    );
    expect(entry).toContain("- Switch: `--enable-flashinfer-allreduce-fusion`");
  });

  test("a pull request is a link with the day it was looked at", () => {
    expect(fusions.text).toContain(
      "[sgl-project/sglang#28101](https://github.com/sgl-project/sglang/pull/28101)",
    );
    expect(fusions.text).toMatch(/looked at on \d{4}-\d\d-\d\d/);
  });

  test("the order of the files does not matter", () => {
    const { rules } = checkContext({ ...loaded, files: [...loaded.files].reverse() }, null, null);
    expect(cataloguesOf(rules, loaded.lock)[0]).toEqual(fusions);
  });
});

test.each([
  ["a `b`", "`` a `b` ``"],
  ["x", "`x`"],
])("%s as code", (text, code) => {
  expect(codeSpan(text)).toBe(code);
});

test("text cannot become markup", () => {
  expect(escapeMarkdown("<b> *x* [y](z) a|b\nc")).toBe("&lt;b> \\*x\\* \\[y\\](z) a\\|b c");
});
