import { readFileSync } from "node:fs";
import { packageFile } from "../../model/package-files.ts";
import type { Report } from "../../model/report.ts";
import { sha256 } from "../../model/sha256.ts";
import { toContract } from "../contract.ts";
import { escapeHtml } from "../html-escape.ts";
import { inertJson } from "../inert.ts";
import type { Renderer, RenderOptions } from "../renderer.ts";

/** One page that needs nothing besides itself. */
export const renderHtml: Renderer = (report, options) => renderHtmlPage([report], options);

/**
 * The page for several reports: the viewer (bundled by `npm run build`) and the reports as inert
 * JSON, which the viewer draws. The policy lets the browser load nothing and run this one script.
 *
 * @throws where the viewer was not built
 */
export function renderHtmlPage(reports: readonly Report[], options: RenderOptions): string {
  const script = asset("main.js");
  const style = asset("page.css");
  const payload = {
    reports: reports.map(toContract),
    limits: options.limits,
    nearMisses: options.nearMisses,
  };
  const [first] = reports;
  const title = `${first?.model ?? first?.traces[0]?.path ?? "report"} · ${first?.tool.name ?? ""}`;
  const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"><noscript><p>${escapeHtml(reports.map(({ summary }) => summary).join(" "))}</p><p>Tables and pictures need JavaScript; --format markdown does without.</p></noscript></div>
<script id="report" type="application/json">${embeddable(payload)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that no HTML parser sees markup in, and without invisible characters. */
function embeddable(value: unknown): string {
  return inertJson(JSON.stringify(value)).replace(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}

function digest(text: string): string {
  return `sha256-${sha256(text, "base64")}`;
}

function asset(name: string): string {
  // "</" ends an element wherever it stands; in scripts and style sheets "<\/" means the same.
  return readFileSync(packageFile(`dist/viewer/${name}`), "utf8")
    .trim()
    .replaceAll("</", "<\\/");
}
