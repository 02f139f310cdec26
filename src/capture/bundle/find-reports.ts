import { realpath } from "node:fs/promises";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { walkTree } from "../../base/files/walk-tree.ts";
import { isObject } from "../../base/is-object.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { FRAMEWORKS, type FrameworkId } from "../../model/framework.ts";
import type { BundledReport, MissingReport } from "./index.ts";
import { runParts } from "./report-head.ts";

/** How file and folder names, and reports themselves, spell the frameworks. */
const SPELLINGS: readonly (readonly [FrameworkId, RegExp])[] = [
  ["sglang", /sglang/i],
  ["vllm", /vllm/i],
  ["trtllm", /trt-?llm|tensorrt/i],
  ["tokenspeed", /token-?speed/i],
];

export const MATRIX_FILE = "matrix.json";

/**
 * Finds `analysis*.md` and `analysis*.txt` below the roots, plus files named one by one as
 * `[LABEL=]PATH`. A report is labelled by its folder, or by the one above where the folder is named
 * after a framework. A file reached twice counts once.
 *
 * @throws {TriageError} `bundle/missing-file`, `bundle/no-reports`.
 */
export async function findReports(
  roots: readonly string[],
  files: readonly string[],
): Promise<{ reports: BundledReport[]; missing: MissingReport[] }> {
  const found: { path: string; source: string; label: string }[] = [];
  const missing: MissingReport[] = [];
  for (const root of roots) {
    for (const path of await filesBelow(root)) {
      const place = { path, source: relative(root, path), label: labelOf(path) };
      if (/^analysis.*\.(?:md|txt)$/i.test(basename(path))) found.push(place);
      if (basename(path) === MATRIX_FILE) missing.push(...(await failuresIn(path)));
    }
  }
  for (const given of files) found.push(named(given));
  const reports = new Map<string, BundledReport>();
  for (const { path, source, label } of found) {
    const key = await realpath(path).catch((cause: unknown) => {
      throw missingFile(path, cause);
    });
    if (!reports.has(key)) reports.set(key, await readReport(path, source, label));
  }
  if (reports.size === 0) throw noReports(roots);
  return { reports: [...reports.values()], missing };
}

/** A folder per framework in one per model, and a few above. */
const DEEPEST = 8;

async function filesBelow(root: string): Promise<string[]> {
  const { files } = await walkTree(root, DEEPEST, () => true).catch((cause: unknown) => {
    throw missingFile(root, cause);
  });
  return files.map(({ path }) => path).sort();
}

function labelOf(path: string): string {
  const folder = dirname(resolve(path));
  const name = basename(folder);
  return SPELLINGS.some(([, spelling]) =>
    new RegExp(`^(?:${spelling.source})(?:$|[-_])`, "i").test(name),
  )
    ? basename(dirname(folder))
    : name;
}

/** `LABEL=PATH`; a path that holds `=` itself is meant as it stands when it has a folder before. */
function named(given: string): { path: string; source: string; label: string } {
  const at = given.indexOf("=");
  const label = at > 0 ? given.slice(0, at) : "";
  if (label === "" || label.includes("/"))
    return { path: given, source: given, label: labelOf(given) };
  const path = given.slice(at + 1);
  return { path, source: path, label };
}

/** Bytes; the longest report has a hundredth. */
const LARGEST_REPORT = 64 << 20;

async function readReport(path: string, source: string, label: string): Promise<BundledReport> {
  let text: string;
  try {
    text = readSideText(path, LARGEST_REPORT);
  } catch (cause) {
    throw missingFile(path, cause);
  }
  const isMarkdown = extname(path).toLowerCase() === ".md";
  return { label, framework: frameworkOf(basename(path), text), source, isMarkdown, text };
}

/** From the file's name, else from what the report says of itself. */
function frameworkOf(name: string, text: string): FrameworkId | "other" {
  const told =
    runParts(text)[0] ??
    /^(?:- )?Framework(?::| {2,}) *(.+)$/m.exec(text)?.[1]?.split(" — ")[0] ??
    "";
  for (const candidate of [name, told])
    for (const [id, spelling] of SPELLINGS) if (spelling.test(candidate)) return id;
  return "other";
}

/** What a matrix run could not do, beside the reports of the model. */
async function failuresIn(path: string): Promise<MissingReport[]> {
  const label = basename(dirname(resolve(path)));
  try {
    const state: unknown = parseJson(readSideText(path));
    const cells = isObject(state) && Array.isArray(state.cells) ? state.cells.filter(isObject) : [];
    return cells.flatMap(({ framework, status, message }) => {
      const id = FRAMEWORKS.find((one) => one === framework);
      return status === "failed" && id !== undefined
        ? [{ label, framework: id, reason: `failed: ${String(message)}` }]
        : [];
    });
  } catch {
    return [];
  }
}

function missingFile(path: string, cause: unknown): TriageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TriageError({
    code: "bundle/missing-file",
    exit: EXIT.unreadable,
    message: `it cannot be read: ${why}`,
    place: path,
    hint: "Check --analysis-root and --analysis-file.",
    cause,
  });
}

function noReports(roots: readonly string[]): TriageError {
  return new TriageError({
    code: "bundle/no-reports",
    exit: EXIT.unreadable,
    message: "no reports found: looked for analysis*.md and analysis*.txt",
    place: roots.join(", ") || null,
    hint: "Save reports as analysis_FRAMEWORK.md in a folder per model, or name them with --analysis-file.",
  });
}
