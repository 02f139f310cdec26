import type { Diagnostic } from "../../model/diagnostic.ts";
import type { CommentNode } from "../ast.ts";
import type { LoadedFile } from "../load-texts.ts";
import { diagnosticOf } from "./check.ts";
import { codeOf, isCode } from "./codes.ts";

/** `// lint-ignore broad-class, short-glob: reason` speaks of its own line, or of the next line that holds more than a comment. */
interface Ignore {
  readonly comment: CommentNode;
  readonly codes: readonly string[];
  readonly reason: string;
  readonly line: number;
}

const IGNORE = /^\/\/\s*lint-ignore\b:?([^:]*)(?::(.*))?$/;

/** A comment that says other than such words is none of ours. */
const WORD = /^\w[\w-]*$/;

/**
 * Leaves out what comments say to ignore, and adds what is wrong with these comments: no reason, a
 * code that cannot be ignored (ignore-comment), nothing to ignore (unused-ignore).
 *
 * @param mayIgnore codes that comments may ignore; what keeps a rule from running is not among them.
 */
export function applyIgnores(
  found: readonly Diagnostic[],
  files: readonly LoadedFile[],
  mayIgnore: ReadonlySet<string>,
): Diagnostic[] {
  const remarks: Diagnostic[] = [];
  const ignored = new Set<Diagnostic>();
  for (const file of files) {
    const here = found.filter((one) => one.file === file.file);
    for (const ignore of ignoresOf(file)) {
      const fault = faultOf(ignore, mayIgnore);
      if (fault !== null) {
        remarks.push(
          diagnosticOf("ignore-comment", {
            file: file.file,
            range: ignore.comment.range,
            ...fault,
          }),
        );
        continue;
      }
      for (const code of ignore.codes) {
        const hits = here.filter((one) => one.code === code && one.range.line === ignore.line);
        for (const hit of hits) ignored.add(hit);
        if (hits.length > 0) continue;
        remarks.push(
          diagnosticOf("unused-ignore", {
            file: file.file,
            range: ignore.comment.range,
            message: `line ${ignore.line} has no ${code} to ignore`,
            help: "remove the comment, or put it right above the line it speaks of",
          }),
        );
      }
    }
  }
  return [...found.filter((one) => !ignored.has(one)), ...remarks];
}

function ignoresOf({ ast, text }: LoadedFile): Ignore[] {
  const lines = text.split(/\r\n?|\n/);
  return ast.comments.flatMap((comment) => {
    const [, codes, reason = ""] = IGNORE.exec(comment.text) ?? [];
    if (codes === undefined) return [];
    const words = codes.split(/[\s,]+/).filter((word) => word !== "");
    if (!words.every((word) => WORD.test(word))) return [];
    return [
      {
        comment,
        codes: words.map((word) => codeOf(word) ?? word),
        reason: reason.trim(),
        line: lineMeant(comment, lines),
      },
    ];
  });
}

function lineMeant({ range }: CommentNode, lines: readonly string[]): number {
  const isAlone = (lines[range.line - 1] ?? "").slice(0, range.column - 1).trim() === "";
  if (!isAlone) return range.line;
  const next = lines.findIndex(
    (line, index) => index >= range.line && !/^\s*(?:\/\/.*)?$/.test(line),
  );
  return next < 0 ? range.line : next + 1;
}

function faultOf(
  { codes, reason }: Ignore,
  mayIgnore: ReadonlySet<string>,
): { message: string; help: string } | null {
  const form = "write `// lint-ignore broad-class: why it does not apply here`";
  if (codes.length === 0) return { message: "the comment does not say what to ignore", help: form };
  const unknown = codes.find((code) => !isCode(code));
  if (unknown !== undefined) return { message: `\`${unknown}\` is no lint code`, help: form };
  const firm = codes.find((code) => !mayIgnore.has(code));
  if (firm !== undefined)
    return { message: `${firm} cannot be ignored`, help: "repair what it reports" };
  if (reason === "") return { message: "the comment gives no reason", help: form };
  return null;
}
