import { compareText } from "../../base/compare-text.ts";
import { FRAMEWORKS, type FrameworkId } from "../../model/framework.ts";
import { headingsOf } from "./github-anchor.ts";
import { runParts } from "./report-head.ts";

/** A finished report on its way into the bundle. */
export interface BundledReport {
  /** Groups reports: one model, usually one directory. */
  readonly label: string;
  readonly framework: FrameworkId | "other";
  /** As shown: relative to the searched root, or as given. */
  readonly source: string;
  /** Markdown is taken over with its headings lowered; anything else stands in a code fence. */
  readonly isMarkdown: boolean;
  readonly text: string;
}

/** Why a framework has no report for a model, where that is known. */
export interface MissingReport {
  readonly label: string;
  readonly framework: FrameworkId;
  readonly reason: string;
}

export interface BundleOptions {
  readonly title: string;
  readonly contents: boolean;
  /** Printed under the title when given; a bundle has no date of its own, so that it can be compared. */
  readonly date: string | null;
  readonly missing: readonly MissingReport[];
}

const TITLE: Record<FrameworkId | "other", string> = {
  sglang: "SGLang",
  vllm: "vLLM",
  trtllm: "TensorRT-LLM",
  tokenspeed: "TokenSpeed",
  other: "Other",
};
const ORDER: readonly (FrameworkId | "other")[] = [...FRAMEWORKS, "other"];

/**
 * One Markdown document of many reports: a section per model, in it one per framework in fixed order,
 * what is missing said. Equal reports give equal bytes.
 */
export function renderBundle(reports: readonly BundledReport[], options: BundleOptions): string {
  const models = groupByModel(reports, options.missing);
  const body = models.map((model) => modelSection(model, options.missing)).join("\n\n");
  const head = [`# ${options.title}`];
  if (options.date !== null) head.push(`_Generated on ${options.date}_`);
  if (!options.contents) return `${[...head, body].join("\n\n")}\n`;
  const withRoom = (list: string) => `${[...head, "## Contents", list, body].join("\n\n")}\n`;
  // Anchors depend on every heading of the document, so they are read off the finished one.
  const sections = headingsOf(withRoom("")).filter(({ level }) => level === 2);
  const links = sections.slice(1).map(({ text, anchor }) => `- [${text}](#${anchor})`);
  return withRoom(links.join("\n"));
}

interface Model {
  readonly label: string;
  readonly display: string;
  readonly reports: readonly BundledReport[];
}

function groupByModel(
  reports: readonly BundledReport[],
  missing: readonly MissingReport[],
): Model[] {
  const labels = [...new Set([...reports, ...missing].map(({ label }) => label))];
  const models = labels.map((label) => {
    const own = reports.filter((report) => report.label === label).sort(byFrameworkAndSource);
    return { label, display: displayName(label, own), reports: own };
  });
  const shared = (display: string) => models.filter((one) => one.display === display).length > 1;
  return models
    .map((model) =>
      shared(model.display) ? { ...model, display: `${model.display} (${model.label})` } : model,
    )
    .sort(
      (a, b) =>
        compareText(a.display.toLowerCase(), b.display.toLowerCase()) ||
        compareText(a.label, b.label),
    );
}

/** The longest model name that the reports tell; the label where none does. */
function displayName(label: string, reports: readonly BundledReport[]): string {
  const names = reports.flatMap(({ text }) => modelName(text) ?? []);
  return names.sort((a, b) => b.length - a.length || compareText(a, b))[0] ?? label;
}

/**
 * The model of a report's head: `Run: ENGINE · MODEL · …`, or as reports before it told it: `Model: NAME`,
 * `- Model: **NAME** (from)` or `Model      NAME (from)` at the beginning of a line.
 */
function modelName(text: string): string | null {
  const told = runParts(text)[1] ?? /^(?:- )?Model(?::| {2,}) *(.+)$/m.exec(text)?.[1] ?? "";
  const name = told
    .replace(/ \(.*$/, "")
    .replace(/\\(.)/g, "$1")
    .replace(/\*\*/g, "")
    .trim();
  return name === "" || name === "unknown" || name === "model unknown" ? null : name;
}

function byFrameworkAndSource(a: BundledReport, b: BundledReport): number {
  return ORDER.indexOf(a.framework) - ORDER.indexOf(b.framework) || compareText(a.source, b.source);
}

function modelSection(model: Model, missing: readonly MissingReport[]): string {
  const parts = [`## ${escapeHeading(model.display)}`, `Model id: \`${model.label}\``];
  const gaps = FRAMEWORKS.filter((id) => model.reports.every(({ framework }) => framework !== id));
  for (const framework of ORDER) {
    const reports = model.reports.filter((report) => report.framework === framework);
    if (reports.length === 0) continue;
    parts.push(`### ${TITLE[framework]}`);
    for (const report of reports) parts.push(`Source: \`${report.source}\``, contentOf(report));
  }
  if (gaps.length > 0)
    parts.push("### Missing", gaps.map((id) => gapLine(id, model, missing)).join("\n"));
  return parts.join("\n\n");
}

function gapLine(id: FrameworkId, { label }: Model, missing: readonly MissingReport[]): string {
  const reason = missing.find((gap) => gap.label === label && gap.framework === id)?.reason;
  return `- ${TITLE[id]}: ${reason ?? "no report"}`;
}

function contentOf({ text, isMarkdown }: BundledReport): string {
  const clean = text.replaceAll("\r\n", "\n").trim();
  if (clean === "") return "_Empty report._";
  return isMarkdown ? lowerHeadings(clean) : fenced(clean);
}

/** Three levels down, below the framework's own heading; Markdown knows six. */
function lowerHeadings(markdown: string): string {
  const lines = markdown.split("\n");
  for (const { line, level } of headingsOf(markdown))
    lines[line] = `${"#".repeat(Math.min(6, level + 3))}${lines[line]!.trimStart().slice(level)}`;
  return lines.join("\n");
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function escapeHeading(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/([\\`*[\]<>#])/g, "\\$1");
}
