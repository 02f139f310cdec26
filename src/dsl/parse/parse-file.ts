import type { IToken } from "chevrotain";
import type { Diagnostic, SourceRange } from "../../model/diagnostic.ts";
import type { CommentNode, FuseFile, IntNode } from "../ast.ts";
import { buildAst } from "./build-ast.ts";
import { FuseParser } from "./grammar.ts";
import { describeProblem, rangeOf } from "./messages.ts";
import { LCurly, LParen, RCurly, RParen, tokenize } from "./tokens.ts";

let parser: FuseParser | undefined;

/**
 * Text of one `.fuse` file → its tree and what is wrong with its form. Never throws: what does not
 * parse is left out of the tree and reported, in source order.
 *
 * @param file name to show in diagnostics; not opened.
 */
export function parseFuse(
  text: string,
  file: string,
): { ast: FuseFile; diagnostics: Diagnostic[] } {
  parser ??= new FuseParser();
  const lexed = tokenize(text);
  const diagnostics: Diagnostic[] = lexed.errors.map(({ offset, length, line, column }) => ({
    code: "syntax",
    severity: "error",
    file,
    message: `\`${text.slice(offset, offset + length)}\` means nothing here`,
    range: { start: offset, end: offset + length, line: line ?? 1, column: column ?? 1 },
  }));
  const tooDeep = firstTooDeep(lexed.tokens);
  const tokens = tooDeep === null ? lexed.tokens : [];
  if (tooDeep !== null) diagnostics.push(nestingDiagnostic(tooDeep, file));
  parser.input = tokens;
  const cst = parser.file();
  if (parser.problems.length > 0) {
    const end = endOf(text);
    diagnostics.push(
      ...withoutEchoes(parser.problems.map((problem) => describeProblem(problem, file, end))),
    );
  }
  const comments = (lexed.groups.comments ?? []).map(comment);
  const ast = buildAst(
    cst,
    file,
    { start: 0, end: text.length, line: 1, column: 1 },
    comments,
    diagnostics,
  );
  if (tooDeep === null && ast.edition?.value !== EDITION)
    diagnostics.push(editionDiagnostic(ast.edition, file));
  diagnostics.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  return { ast: { ...ast, complete: diagnostics.length === 0 }, diagnostics };
}

const comment = (token: IToken): CommentNode => ({
  kind: "comment",
  range: rangeOf(token),
  text: token.image.trimEnd(),
});

/** The edition this program reads. */
const EDITION = 1;

function editionDiagnostic(found: IntNode | null, file: string): Diagnostic {
  const base = { code: "missing-edition", severity: "error", file } as const;
  if (found === null)
    return {
      ...base,
      message: "the file does not say its language edition",
      range: { start: 0, end: 0, line: 1, column: 1 },
      help: `begin the file with \`fuse ${EDITION}\``,
    };
  return {
    ...base,
    message: `edition ${found.value} is not known; this program reads edition ${EDITION}`,
    range: found.range,
  };
}

/** Deeper than any rule needs, far less than the call stack bears. */
const DEEPEST = 64;

function firstTooDeep(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  for (const token of tokens) {
    if (token.tokenType === LParen || token.tokenType === LCurly) depth++;
    if (token.tokenType === RParen || token.tokenType === RCurly) depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return token;
  }
  return null;
}

const nestingDiagnostic = (token: IToken, file: string): Diagnostic => ({
  code: "syntax",
  severity: "error",
  file,
  message: `nested more than ${DEEPEST} deep`,
  range: rangeOf(token),
});

/** Once the text has ended, every open construct complains; only the first says something new. */
function withoutEchoes(found: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return found.filter((diagnostic) => {
    const atEnd = diagnostic.message.endsWith("the end of the file");
    const key = atEnd ? "end" : `${diagnostic.range.start} ${diagnostic.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function endOf(text: string): SourceRange {
  const lines = text.split(/\r\n?|\n/);
  return {
    start: text.length,
    end: text.length,
    line: lines.length,
    column: lines.at(-1)!.length + 1,
  };
}
