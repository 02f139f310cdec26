import { escapeHtml } from "../html-escape.ts";
import type { Cell, Line, Span, Table } from "../table.ts";
import type { Block } from "./document.ts";

const STYLE = `:root{color-scheme:light dark;--line:#8884;--dim:#777;--bad:#c22;--good:#182;--warn:#a60}
@media(prefers-color-scheme:dark){:root{--dim:#999;--bad:#f77;--good:#6c7;--warn:#fb5}}
body{font:15px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse}th,td{padding:.3rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.right{text-align:right;white-space:nowrap}code{overflow-wrap:anywhere}.dim{color:var(--dim)}.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-weight:600}.warn{color:var(--warn)}`;

/** One page that loads nothing and runs nothing. */
export function renderDiffHtml(blocks: readonly Block[]): string {
  const title = blocks.find(({ kind }) => kind === "title");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title?.kind === "title" ? title.text : "diff")}</title>
<style>${STYLE}</style>
</head>
<body>
${blocks.map(blockHtml).join("\n")}
</body>
</html>
`;
}

function blockHtml(block: Block): string {
  if (block.kind === "title") return `<h1>${escapeHtml(block.text)}</h1>`;
  if (block.kind === "heading") return `<h2>${escapeHtml(block.text)}</h2>`;
  if (block.kind === "table") return tableHtml(block.table);
  const heading = block.title === "" ? "" : `<h2>${escapeHtml(block.title)}</h2>\n`;
  return heading + block.lines.map((line) => `<p>${lineHtml(line)}</p>`).join("\n");
}

function tableHtml({ title, columns, rows, empty }: Table): string {
  const heading = `<h3>${escapeHtml(title)}</h3>`;
  if (rows.length === 0) return `${heading}\n<p class="dim">${escapeHtml(empty)}</p>`;
  const side = (at: number): string => (columns[at]!.align === "right" ? ' class="right"' : "");
  const head = columns.map((one, at) => `<th${side(at)}>${escapeHtml(one.title)}</th>`).join("");
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((one, at) => `<td${side(at)}>${cellHtml(one)}</td>`).join("")}</tr>`,
  );
  return `${heading}\n<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table></div>`;
}

function cellHtml(cell: Cell): string {
  return cell.map(lineHtml).join("<br>");
}

function lineHtml(line: Line): string {
  return line.map(spanHtml).join("");
}

function spanHtml({ text, tone, href }: Span): string {
  const safe = escapeHtml(text);
  const label = tone === "code" ? `<code>${safe}</code>` : `<span class="${tone}">${safe}</span>`;
  return href?.startsWith("https://") === true
    ? `<a href="${escapeHtml(href)}" rel="noreferrer">${label}</a>`
    : label;
}
