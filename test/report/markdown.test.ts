import fc from "fast-check";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { inert } from "../../src/report/document/inert.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../src/report/renderer.ts";
import { stageTables } from "../../src/report/triage/tables/index.ts";
import { ledgerBar } from "../../src/report/triage/tables/ledger-table.ts";
import { kernel, realisticReport, report, stage } from "./sample-reports.ts";
import { damagedReport, hostileReport, SAMPLES } from "./samples.ts";

function markdown(of: Report): string {
  return FORMATS.markdown(of, DEFAULT_RENDER_OPTIONS);
}

/** As GitHub would show it, raw HTML included: whatever gets through is seen. */
function html(of: Report): string {
  return micromark(markdown(of), {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

function cellsOf(page: string): string[][] {
  return [...page.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<t[dh][^>]*>([\s\S]*?)<\/t[dh]>/g)].map(([, cell = ""]) => cell),
  );
}

/** What a reader sees of a cell. */
function seen(cell: string): string {
  return cell
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

test("a realistic report", async () => {
  await expect(markdown(realisticReport())).toMatchFileSnapshot("golden/realistic.md");
});

test("a damaged trace's report", async () => {
  await expect(markdown(damagedReport())).toMatchFileSnapshot("golden/damaged.md");
});

describe.each(Object.entries(SAMPLES))("%s", (_, sample) => {
  test("every table row has as many cells as its head", () => {
    const page = html(sample);
    const tables = [...page.matchAll(/<table>[\s\S]*?<\/table>/g)].map(([table]) => cellsOf(table));
    const all = { kernels: null, overlap: null, fuse: null };
    const rows = sample.stages
      .flatMap((one) => {
        const ledger = ledgerBar(one);
        return [
          ...(ledger.kind === "bar" ? [ledger.table] : []),
          ...stageTables(one, { limits: all, order: "time", byShape: false }),
        ];
      })
      .flatMap((table) => (table.rows.length === 0 ? [] : [table.rows.length + 1]));
    expect(tables.map((table) => table.length)).toEqual(rows);
    for (const table of tables)
      expect(new Set(table.map((row) => row.length))).toEqual(new Set([table[0]!.length]));
  });

  test("renders to no other elements and links than ours", () => {
    const page = html(sample);
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag = ""]) => tag));
    const ours = "h1 h2 h3 p ul ol li strong code table thead tbody tr th td br a".split(" ");
    expect([...tags].filter((tag) => !ours.includes(tag))).toEqual([]);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href);
    expect(links.filter((href) => !/^https:\/\/(github\.com|x)\//.test(href))).toEqual([]);
  });

  test("holds no control or invisible character", () => {
    expect(markdown(sample)).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u);
  });
});

test("whatever a kernel is called, its cell shows that name and nothing else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.string({
          unit: fc.constantFrom(..."|`\\<>&*_[]()!#~$:/@-1. \n".split("")),
          maxLength: 24,
        }),
      ),
      (name) => {
        fc.pre(name.trim() !== "");
        const page = html(report({ stages: [stage({ kernels: [kernel({ name })] })] }));
        const rows = cellsOf(page);
        expect(rows.map((row) => row.length)).toEqual([8, 8]);
        const blank = (text: string): string => text.replace(/\s+/g, " ").trim();
        expect(blank(seen(rows[1]![0]!))).toBe(blank(inert(name)));
      },
    ),
    { numRuns: 150 },
  );
});

test("a source is a link to the file at its commit; other addresses stay text", () => {
  expect(markdown(realisticReport())).toContain(
    "[`vllm/compilation/passes/fusion/allreduce_rms_fusion.py#AllReduceFusionPass`](https://github.com/vllm-project/vllm/blob/",
  );
  expect(html(hostileReport())).not.toContain('="javascript:');
});
