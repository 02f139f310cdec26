import type { CstNode } from "chevrotain";
import type { Diagnostic, SourceRange } from "../../model/diagnostic.ts";
import type { CommentNode, DefinitionNode, FuseFile, ImportNode } from "../ast.ts";
import { Remarks } from "../remarks.ts";
import { buildClass, buildLet } from "./build-class.ts";
import { buildRule } from "./build-rule.ts";
import {
  childrenOf,
  int,
  mustNode,
  mustToken,
  nodes,
  oneOf,
  placeOf,
  text,
  token,
  word,
} from "./cst.ts";

/** Concrete tree → AST. Values that are spelt right but mean nothing are noted in `diagnostics`. */
export function buildAst(
  cst: CstNode,
  file: string,
  range: SourceRange,
  comments: readonly CommentNode[],
  diagnostics: Diagnostic[],
): Omit<FuseFile, "complete"> {
  const remarks = new Remarks(file, diagnostics);
  const entries = nodes(cst, "entry");
  const all = childrenOf(entries);
  return {
    range,
    file,
    edition: readEdition(all("header"), remarks),
    imports: all("import").map((entry) => buildImport(entry, remarks)),
    entries: entries.flatMap((entry) => [
      ...nodes(entry, "let").map((found) => buildLet(found, remarks)),
      ...nodes(entry, "definition").map((found) => buildDefinition(found, remarks)),
    ]),
    rules: all("rule").map((entry) => buildRule(entry, remarks)),
    comments,
  };
}

function readEdition(headers: readonly CstNode[], remarks: Remarks): FuseFile["edition"] {
  for (const extra of headers.slice(1))
    remarks.error("syntax", placeOf(extra), "`fuse` appears twice in this file");
  return headers[0] === undefined ? null : int(mustToken(headers[0], "Int"), remarks);
}

function buildImport(from: CstNode, remarks: Remarks): ImportNode {
  return {
    kind: "import",
    range: placeOf(from),
    path: text(mustToken(from, "Quoted"), remarks),
    alias: word(mustToken(from, "Word")),
  };
}

const GROUNDS = { Words: "words", Op: "op" } as const;
const DEFINES = { Category: "category", Role: "role", Library: "library" } as const;

function buildDefinition(from: CstNode, remarks: Remarks): DefinitionNode {
  const title = token(from, "Quoted");
  return {
    kind: DEFINES[oneOf(from, ["Category", "Role", "Library"])],
    range: placeOf(from),
    id: word(mustToken(from, "Word")),
    title: title === null ? null : text(title, remarks),
    by: token(from, "By") === null ? null : GROUNDS[oneOf(from, ["Words", "Op"])],
    expr: buildClass(mustNode(from, "classAny"), remarks),
  };
}
