import { type Cell, clip, type Line, type Span, type Table } from "../table.ts";
import type { Block, Card, Fact } from "./block.ts";
import { escapeHtml } from "./html-escape.ts";

/** Blocks as elements of a page; texts stay texts whatever they hold. */
export function blocksHtml(blocks: readonly Block[], level = 2): string {
  return blocks.map((block) => blockHtml(block, level)).join("\n");
}

function blockHtml(block: Block, level: number): string {
  switch (block.kind) {
    case "title":
      return `<h1>${escapeHtml(block.text)}</h1>`;
    case "paragraph":
      return `<p>${lineHtml(block.line)}</p>`;
    case "list":
      return `<ul class="lines">${block.lines.map((line) => `<li>${lineHtml(line)}</li>`).join("")}</ul>`;
    case "facts":
      return factsHtml(block.facts);
    case "table":
      return tableHtml(block.table, level);
    case "bar":
      return `<details class="ledger"><summary>${barHtml(block)}</summary>\n${tableHtml({ ...block.table, title: "" }, level)}\n</details>`;
    case "heat":
      return heatHtml(block, level);
    case "cards":
      return `<section class="actions">${heading(block.title, level)}${block.cards.length === 0 ? `<p>${escapeHtml(block.empty)}</p>` : `<ol>${block.cards.map((card) => cardHtml(card, level + 1)).join("")}</ol>`}</section>`;
    case "summary":
      return `<p class="summary">${escapeHtml(block.text)}</p>`;
    case "section":
      return `<section><h${level}>${lineHtml(block.heading)}</h${level}>\n${blocksHtml(block.blocks, level + 1)}\n</section>`;
  }
}

function heading(title: string, level: number): string {
  return title === "" ? "" : `<h${level}>${escapeHtml(title)}</h${level}>\n`;
}

function factsHtml(facts: readonly Fact[]): string {
  const items = facts.map(
    ({ label, cell }) =>
      `<div class="fact"><dt>${escapeHtml(label)}</dt><dd>${cellHtml(cell)}</dd></div>`,
  );
  return `<dl class="facts">${items.join("")}</dl>`;
}

function cardHtml({ id, heading: title, figure, facts, more }: Card, level: number): string {
  const evidence =
    more.length === 0
      ? ""
      : `<details><summary>What it stands on</summary>${factsHtml(more)}</details>`;
  return `<li class="card" id="${escapeHtml(id)}"><h${level}>${lineHtml(title)}</h${level}><p class="saves">${lineHtml(figure)}</p>${factsHtml(facts)}${evidence}</li>`;
}

/** Parts narrower than this are neither seen nor named. */
const LEAST_PCT = 0.05;

/** Drawn as a picture: the page's policy allows no inline style. */
function barHtml({ parts, heading }: Extract<Block, { readonly kind: "bar" }>): string {
  const shown = parts.filter(({ pct }) => pct >= LEAST_PCT);
  let from = 0;
  const pieces = shown.map(({ colour, pct }) => {
    const piece = `<rect class="${escapeHtml(colour)}" x="${from.toFixed(2)}" width="${pct.toFixed(2)}" height="4"/>`;
    from += pct;
    return piece;
  });
  const legend = shown.map(
    ({ title, colour, pct }) =>
      `<span class="part"><i class="swatch ${escapeHtml(colour)}" aria-hidden="true"></i> ${escapeHtml(title)} <b class="num">${pct.toFixed(1)}%</b></span>`,
  );
  return `<b>${escapeHtml(heading)}</b><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">${pieces.join("")}</svg>${legend.join(" ")}`;
}

/** Sides of a place, and of the room for titles, in the picture's own units. */
const PLACE = { width: 68, height: 14, titles: 220, letters: 36, headLetters: 13 };

/** A picture with words in it: levels are opacities, for the page's policy allows no inline style. */
function heatHtml(block: Extract<Block, { readonly kind: "heat" }>, level: number): string {
  const { heading: title, columns, rows, table } = block;
  const { width, height, titles, letters, headLetters } = PLACE;
  const [right, bottom] = [titles + columns.length * width, (rows.length + 1) * height];
  const heads = columns.map(
    (name, at) =>
      `<text x="${titles + (at + 0.5) * width}" y="${height - 4}" text-anchor="middle">${escapeHtml(clip(name, headLetters))}<title>${escapeHtml(name)}</title></text>`,
  );
  const drawn = rows.map(({ title: name, cells }, row) => {
    const y = (row + 1) * height;
    const ground = `<rect class="place" x="${titles}" y="${y}" width="${cells.length * width - 1}" height="${height - 1}"/>`;
    const places = cells.map(({ level: of, title: said }, at) => {
      const where = `x="${titles + at * width}" y="${y}" width="${width - 1}" height="${height - 1}"`;
      const look = of === null ? 'class="unknown"' : `class="hot" fill-opacity="${of.toFixed(3)}"`;
      return `<rect ${look} ${where}><title>${escapeHtml(`${name}, ${said}`)}</title></rect>`;
    });
    return `<text x="0" y="${y + height - 4}">${escapeHtml(clip(name, letters))}<title>${escapeHtml(name)}</title></text>${ground}${places.join("")}`;
  });
  const picture = `<svg class="heat" width="${right}" height="${bottom}" viewBox="0 0 ${right} ${bottom}" role="img" aria-label="${escapeHtml(title)}">${heads.join("")}${drawn.join("\n")}</svg>`;
  const values =
    table === null
      ? ""
      : `<details><summary>As a table</summary>${tableHtml(table, level)}</details>`;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><div class="scroll">${picture}</div>${values}</figure>`;
}

function tableHtml({ title, columns, rows, empty, note }: Table, level: number): string {
  if (rows.length === 0) return `${heading(title, level)}<p class="dim">${escapeHtml(empty)}</p>`;
  const side = (at: number): string => (columns[at]!.align === "right" ? ' class="right"' : "");
  const head = columns.map((one, at) => `<th scope="col"${side(at)}>${escapeHtml(one.title)}</th>`);
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((one, at) => `<td${side(at)}>${cellHtml(one)}</td>`).join("")}</tr>`,
  );
  return `${heading(title, level)}<div class="scroll"><table class="static">\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table></div>${note === undefined ? "" : `<p class="dim">${escapeHtml(note)}</p>`}`;
}

function cellHtml(cell: Cell): string {
  return cell.map(lineHtml).join("<br>");
}

function lineHtml(line: Line): string {
  return line.map(spanHtml).join("");
}

function spanHtml({ text, tone, href }: Span): string {
  const safe = escapeHtml(text);
  // Only https leads anywhere: rules and traces are written by others.
  const inner = href?.startsWith("https://")
    ? `<a href="${escapeHtml(href)}" target="_blank" rel="noreferrer noopener">${safe}</a>`
    : safe;
  if (tone === "code") return `<code>${inner}</code>`;
  return tone === "plain" ? inner : `<span class="${tone}">${inner}</span>`;
}
