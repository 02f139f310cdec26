import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { DEFAULT_RENDER_OPTIONS, type RenderOptions } from "../../src/report/renderer.ts";
import { displayWidth } from "../../src/report/text/width.ts";
import { fuse, kernel, overlap, realisticReport, report, site, stage } from "./sample-reports.ts";
import { damagedReport, hostileReport, SAMPLES } from "./samples.ts";

function text(of: Report, options: Partial<RenderOptions> = {}): string {
  return FORMATS.text(of, { ...DEFAULT_RENDER_OPTIONS, ...options });
}

test.each([80, 120, 200])("a realistic report at %d columns", async (width) => {
  await expect(text(realisticReport(), { width })).toMatchFileSnapshot(
    `golden/realistic-${width}.txt`,
  );
});

test("a damaged trace's report", async () => {
  await expect(text(damagedReport(), { width: 100 })).toMatchFileSnapshot("golden/damaged.txt");
});

describe.each(Object.entries(SAMPLES))("%s", (_, sample) => {
  test.each([40, 60, 79, 80, 120, 200])("fits into %d columns", (width) => {
    const wide = text(sample, { width })
      .split("\n")
      .filter((line) => displayWidth(line) > width);
    expect(wide).toEqual([]);
  });

  test("says the same with colour as without", () => {
    const colored = text(sample, { color: true });
    expect(stripVTControlCharacters(colored)).toBe(text(sample));
  });

  test("holds no control or invisible character without colour", () => {
    expect(text(sample)).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u);
  });

  test("ends with one newline and leaves no blanks at line ends", () => {
    expect(text(sample)).toMatch(/[^\n]\n$/);
    expect(text(sample)).not.toMatch(/ \n/);
  });
});

test("colour uses nothing but plain SGR codes", () => {
  const codes = text(hostileReport(), { color: true }).match(/\u001b[^m]*m?/g) ?? [];
  expect(codes.filter((code) => !/^\u001b\[\d+m$/.test(code))).toEqual([]);
});

test("whatever a trace calls its kernels, lines fit and hold no control character", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 60 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 40, max: 160 }),
      (texts, width) => {
        const lines = text(hostileReport(texts), { width }).split("\n");
        expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
        expect(lines.filter((line) => /[\p{Cc}\p{Cf}\p{Cs}]/u.test(line))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

describe("the kernel table", () => {
  const table = (...kernels: ReturnType<typeof kernel>[]): string =>
    text(report({ stages: [stage({ kernels })] }), { width: 200 });
  const whole = (...kernels: ReturnType<typeof kernel>[]): string =>
    FORMATS.markdown(report({ stages: [stage({ kernels })] }), DEFAULT_RENDER_OPTIONS);

  test("gives each place its share of the kernel's time and says how it was found", () => {
    const row = kernel({
      name: "k",
      totalUs: 100,
      sites: [
        site({ location: "a.py:1", function: "f", module: "M.Q", totalUs: 50 }),
        site({ location: "a.py:1", function: "f", module: "M.O", totalUs: 20 }),
        site({
          location: "b.py:2",
          function: "g",
          module: null,
          totalUs: 30,
          via: "graph-capture",
        }),
      ],
    });
    expect(whole(row)).toContain("`a.py:1 f` (70.0%) in M.Q 50.0%, M.O 20.0%");
    expect(whole(row)).toContain("`b.py:2 g` (30.0%, graph-capture)");
    expect(table(row)).toMatch(/ a\.py:1 f .*\+1 /);
  });

  test("counts the places it does not show", () => {
    const sites = Array.from({ length: 9 }, (_, i) =>
      site({ location: `f${i}.py:1`, totalUs: 100 - i }),
    );
    const printed = whole(kernel({ name: "k", totalUs: 864, sites }));
    expect(printed).toContain("f2.py:1");
    expect(printed).not.toContain("f3.py:1");
    expect(printed).toContain("+6 more");
  });

  test("has a line per row: of a name its namespaces go first, of a path its folders", () => {
    const name = "at::native::vectorized_elementwise_kernel<8, direct_copy_kernel_cuda>";
    const location = "vllm/model_executor/layers/quantization/mxfp4.py:889";
    const row = kernel({ name, shortName: name, sites: [site({ location, function: "apply" })] });
    const lines = text(report({ stages: [stage({ kernels: [row] })] }), { width: 130 }).split("\n");
    const at = lines.findIndex((line) => line.startsWith("Kernels"));
    expect(lines[at + 1]).toMatch(/^vectorized_ele\w*….*kernel_cuda> .*\/mxfp4\.py:889 apply\b/);
    expect(lines[at + 2]).toBe("");
  });

  test("shows the ten largest rows, more where a limit asks for them", () => {
    const kernels = Array.from({ length: 14 }, (_, i) => kernel({ name: `k${i}_` }));
    const of = report({ stages: [stage({ kernels })] });
    expect(text(of)).toContain("Kernels (10 of 14)");
    expect(text(of)).not.toContain("k10_");
    const limits = { kernels: 12, overlap: null, fuse: null };
    expect(text(of, { limits })).toContain("k11_");
    expect(FORMATS.markdown(of, DEFAULT_RENDER_OPTIONS)).toContain("k13_");
  });
});

test("table limits hide rows and say how many", () => {
  const many = report({
    stages: [
      stage({
        kernels: ["k1", "k2", "k3"].map((name) => kernel({ name })),
        overlap: [overlap({ kernel: "o1" }), overlap({ kernel: "o2" })],
        fuse: [fuse({ rule: "f1" }), fuse({ rule: "f2" })],
      }),
    ],
  });
  const printed = text(many, { limits: { kernels: 1, overlap: 1, fuse: 0 } });
  expect(printed).toContain("k1");
  expect(printed).not.toMatch(/\b(k2|o2|f1)\b/);
  expect(printed).toContain("5 rows beyond the table limits");
});

test("near misses are told when asked for", () => {
  const nearMisses = [
    {
      rule: "qk-norm-rope",
      stage: "decode" as const,
      reached: 0.8,
      stoppedBy: "fuse/sglang/qk-norm-rope.fuse:12: gap <= 5us, saw 11us",
    },
  ];
  expect(text(report(), { nearMisses })).toContain(
    `══ Near misses ${"═".repeat(105)}\nqk-norm-rope decode, 80.0% of its shape — fuse/sglang/qk-norm-rope.fuse:12: gap <= 5us, saw 11us\n`,
  );
});

test("of many remarks of one kind the first few are told, and how many more there are", () => {
  const diagnostics = Array.from({ length: 9 }, (_, i) => ({
    severity: "warning" as const,
    code: "rules/source-lock",
    message: `remark ${i}`,
    path: null,
  }));
  const printed = text(report({ diagnostics }));
  expect(printed).toContain("warning remark 2 (rules/source-lock)\n+6 more of rules/source-lock");
  expect(printed).not.toContain("remark 3");
});
