import { describe, expect, test } from "vitest";
import { DIFF_FORMATS } from "../../src/report/diff/document.ts";
import { type Block, innerTable, section } from "../../src/report/document/block.ts";
import { documentBrief, LEAST_MAX_BYTES } from "../../src/report/document/brief.ts";
import { cell, span } from "../../src/report/table.ts";
import { triageHere } from "../cli/triage/run-in-process.ts";

const words = (text: string) => cell(span(text));
const rows = (count: number) =>
  innerTable(
    [["Name", "left"]],
    Array.from({ length: count }, (_, at) => [words(`kernel_${at}`)]),
  );
const page = (count: number): readonly Block[] => [
  { kind: "title", text: "a page" },
  ...section([span("decode (3 steps)")], rows(count)),
  { kind: "summary", text: "what to keep" },
];

describe("a page cut to a size", () => {
  test("keeps the top of a table and says how many rows are left out", () => {
    const text = documentBrief(page(500), 700);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(700);
    const shown = text.match(/kernel_\d+/g)!;
    expect(shown[0]).toBe("kernel_0");
    expect(shown).toEqual(shown.map((_, at) => `kernel_${at}`));
    expect(text).toContain(`Left out: ${500 - shown.length} of 500 decode: rows.`);
  });

  test("says that nothing is left out where all has room", () => {
    expect(documentBrief(page(3), 4000)).toMatch(/kernel_2\nwhat to keep\nLeft out: nothing\.\n$/);
  });

  test("never exceeds its budget, whatever the letters and the number of parts", () => {
    const many = Array.from({ length: 300 }, (_, at) => ({
      kind: "list" as const,
      lines: [[span(`名前 ${at} ${"長".repeat(at % 90)}`)], [span("zweite")]],
    }));
    const parts = many.flatMap((block, at) => section([span(`part ${at}`)], block));
    for (let bytes = LEAST_MAX_BYTES; bytes < 20_000; bytes += 371) {
      const text = documentBrief(parts, bytes);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
      expect(text).toMatch(/^Left out: .*\n$/m);
    }
  });
});

const EXAMPLE = "examples/sglang-tp2-decode";

describe("--format brief", () => {
  test.each([200, 400, 700, 1500, 5000])("of %i tokens", async (tokens) => {
    const args = [EXAMPLE, "-f", "brief", "--max-tokens", String(tokens)];
    const { code, out } = await triageHere("triage", ...args);
    expect(code).toBe(0);
    expect(Buffer.byteLength(out)).toBeLessThanOrEqual(3 * tokens);
    expect(out).toContain("Left out: ");
    if (tokens < 400) return;
    expect(out).toContain("1. Norm of Q and K, RoPE and KV-cache write in one kernel");
    expect(out).toContain("Id: fusion-decode-sgl-fused-qk-norm-rope-store");
    if (tokens >= 700)
      expect(out).toContain("Where the time goes: Part | What | Wall time | Share");
    if (tokens >= 1500) expect(out).toContain("fused_moe_kernel | moe-gemm |");
  });

  test("is there for every document", async () => {
    const brief = ["-f", "brief", "--max-tokens", "500"];
    for (const [name, ...args] of [
      ["explain", "fused_moe_kernel", EXAMPLE],
      ["ranks", EXAMPLE],
      ["diff", EXAMPLE, EXAMPLE],
    ] as const) {
      const { code, out } = await triageHere(name, ...args, ...brief);
      expect(code).toBe(0);
      expect(out.length).toBeGreaterThan(300);
      expect(Buffer.byteLength(out)).toBeLessThanOrEqual(1500);
      expect(out).toMatch(/\nLeft out: .*\n$/);
    }
    expect(Object.keys(DIFF_FORMATS)).toContain("brief");
  });

  test("several ranks share the budget", async () => {
    const { out } = await triageHere(
      "triage",
      ...[EXAMPLE, "--all-ranks", "-f", "brief", "--max-tokens", "1000"],
    );
    expect(out.match(/^Left out: /gm)).toHaveLength(2);
    expect(Buffer.byteLength(out)).toBeLessThanOrEqual(3000);
  });

  test("a budget without it, or too small for an answer, is refused", async () => {
    const alone = await triageHere("triage", EXAMPLE, "--max-tokens", "500");
    expect(alone).toMatchObject({ code: 2, out: "" });
    expect(alone.err).toContain("usage/tokens-alone");
    const small = await triageHere("triage", EXAMPLE, "-f", "brief", "--max-tokens", "10");
    expect(small.err).toContain("at least 200");
  });
});
