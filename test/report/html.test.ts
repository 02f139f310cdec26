import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { renderReports } from "../../src/report/render-reports.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../src/report/renderer.ts";
import { excerpt, kernel, realisticReport, report, site, stage } from "./sample-reports.ts";
import { hostileReport, SAMPLES } from "./samples.ts";

function html(of: Report): string {
  return FORMATS.html(of, DEFAULT_RENDER_OPTIONS);
}

function payloadOf(page: string): { readonly reports: readonly Report[] } {
  return JSON.parse(/<script id="report" type="application\/json">(.*)<\/script>/.exec(page)![1]!);
}

describe.each(Object.entries(SAMPLES))("%s", (_, sample) => {
  const page = html(sample);

  test("loads nothing: no element refers to anything outside", () => {
    const markup = page.replace(/<script[^>]*>[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, "");
    expect(markup).not.toMatch(/<[a-z][^>]*\b(src|href|srcset|action)=/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test("the policy allows the one script and the one style sheet by hash, and nothing else", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1]!;
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hash(script)}`,
      `style-src ${hash(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test("embeds the contract exactly", () => {
    expect(payloadOf(page).reports).toEqual([
      JSON.parse(FORMATS.json(sample, DEFAULT_RENDER_OPTIONS)),
    ]);
  });
});

test("hostile texts add no element and no invisible character", () => {
  const page = html(hostileReport());
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page.match(/<\/script/g)).toHaveLength(2);
  const outside = page.replace(/<script>[\s\S]*?<\/script>/, "");
  expect(outside).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u);
  const data = /application\/json">(.*)<\/script>/.exec(page)![1]!;
  expect(data).not.toMatch(/[<>&\u2028\u2029]/);
});

test("equal reports give equal bytes, several reports one page", () => {
  expect(html(realisticReport())).toBe(html(realisticReport()));
  const page = renderReports([report(), realisticReport()], "html", DEFAULT_RENDER_OPTIONS);
  expect(page.match(/<!doctype html>/g)).toHaveLength(1);
  expect(payloadOf(page).reports).toHaveLength(2);
});

test("a million events' report stays below 3 MB", () => {
  const kernels = Array.from({ length: 600 }, (_, i) =>
    kernel({
      name: `kernel_${i}<${"cutlass::gemm::device::GemmUniversalAdapter, ".repeat(16)}${i}>`,
      shortName: `kernel_${i}<cutlass::gemm::device::GemmUniversalAdapter, …>`,
      launches: 1600,
      sites: Array.from({ length: 4 }, () => site()),
    }),
  );
  const spans = Array.from({ length: 400 }, (_, i) => ({
    ...excerpt().spans[0]!,
    startUs: 3 * i,
  }));
  const full = stage({ kernels, excerpt: excerpt({ spans, fuse: [] }) });
  const stages = [full, { ...full, stage: "prefill" as const }];
  expect(Buffer.byteLength(html(report({ stages })))).toBeLessThan(3_000_000);
});
