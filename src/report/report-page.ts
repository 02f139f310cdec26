import type { Report } from "../model/contracts/report.ts";
import { escapeHtml } from "./document/html-escape.ts";
import { inertJson } from "./document/inert.ts";
import { asContract } from "./document/json.ts";
import { asset, pageHtml } from "./document/page.ts";
import type { RenderOptions } from "./renderer.ts";

/** The page for several reports: the viewer and the reports as inert JSON, which the viewer draws. */
export function reportPage(
  reports: readonly Report[],
  { limits, nearMisses }: RenderOptions,
): string {
  const [first] = reports;
  const payload = {
    reports: reports.map((report) => asContract(report, "report")),
    limits,
    nearMisses,
  };
  return pageHtml({
    title: `${first?.model ?? first?.traces[0]?.path ?? "report"} · ${first?.tool.name ?? ""}`,
    body: `<div id="app"><noscript><p>${escapeHtml(reports.map(({ summary }) => summary).join(" "))}</p><p>Tables and pictures need JavaScript; --format markdown does without.</p></noscript></div>
<script id="report" type="application/json">${embeddable(payload)}</script>`,
    script: asset("main.js"),
  });
}

/** JSON that no HTML parser sees markup in, and without invisible characters. */
function embeddable(value: unknown): string {
  return inertJson(JSON.stringify(value)).replace(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}
