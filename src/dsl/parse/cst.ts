import type { CstNode, IToken } from "chevrotain";
import type { SourceRange } from "../../model/diagnostic.ts";
import type { DayNode, DurationNode, IntNode, PercentNode, TextNode, WordNode } from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { rangeOf } from "./messages.ts";

/**
 * Reading the parser's concrete tree. Only whole nodes are in it, so whatever the grammar demands
 * is there; a missing mandatory child is our own mistake and throws.
 */
export const nodes = (parent: CstNode, rule: string): CstNode[] =>
  (parent.children[rule] as CstNode[] | undefined) ?? [];
export const tokens = (parent: CstNode, type: string): IToken[] =>
  (parent.children[type] as IToken[] | undefined) ?? [];
/** Asks for nodes by their rule, as {@link nodes} does. */
export type Children = (rule: string) => readonly CstNode[];

/** Nodes below several parents, those of a rule in the order of the parents. */
export function childrenOf(parents: readonly CstNode[]): Children {
  const byRule = new Map<string, CstNode[]>();
  for (const { children } of parents)
    for (const rule in children) {
      const found = children[rule] as CstNode[];
      const known = byRule.get(rule);
      if (known === undefined) byRule.set(rule, [...found]);
      else known.push(...found);
    }
  return (rule) => byRule.get(rule) ?? [];
}
export const node = (parent: CstNode, rule: string): CstNode | null =>
  nodes(parent, rule)[0] ?? null;
export const token = (parent: CstNode, type: string): IToken | null =>
  tokens(parent, type)[0] ?? null;

export function mustNode(parent: CstNode, rule: string): CstNode {
  const found = node(parent, rule);
  if (found === null) throw new Error(`no ${rule} in ${parent.name}`);
  return found;
}
export function mustToken(parent: CstNode, type: string): IToken {
  const found = token(parent, type);
  if (found === null) throw new Error(`no ${type} in ${parent.name}`);
  return found;
}
/** Which of the keywords stands in the node, as written in the grammar. */
export function oneOf<Name extends string>(parent: CstNode, names: readonly Name[]): Name {
  const found = names.find((name) => token(parent, name) !== null);
  if (found === undefined) throw new Error(`none of ${names.join(", ")} in ${parent.name}`);
  return found;
}

export function placeOf(of: CstNode): SourceRange {
  const place = of.location!;
  return {
    start: place.startOffset,
    end: place.endOffset! + 1,
    line: place.startLine!,
    column: place.startColumn!,
  };
}

export const word = (from: IToken): WordNode => ({
  kind: "word",
  range: rangeOf(from),
  text: from.image,
});

export const day = (from: IToken): DayNode => ({
  kind: "day",
  range: rangeOf(from),
  text: from.image,
});

/** The text between the quotes; `\"` and `\\` are the only escapes. */
export function text(from: IToken, remarks: Remarks): TextNode {
  const range = rangeOf(from);
  const value = from.image.slice(1, -1).replace(/\\(.)/gsu, (all: string, escaped: string) => {
    if (escaped === '"' || escaped === "\\") return escaped;
    remarks.error("syntax", range, `\`${all}\` is not an escape`, {
      help: "write `\\\\` for a backslash",
    });
    return all;
  });
  return { kind: "text", range, text: value };
}

export function int(from: IToken, remarks: Remarks): IntNode {
  const range = rangeOf(from);
  const value = Number(from.image);
  if (!Number.isSafeInteger(value))
    remarks.error("syntax", range, `${from.image} is too large for a whole number`);
  return { kind: "int", range, value };
}

const NS_PER_UNIT = { ns: 1, us: 1_000, ms: 1_000_000 } as const;

export function duration(from: IToken): DurationNode {
  const unit = from.image.slice(-2) as keyof typeof NS_PER_UNIT;
  // Decimal text times a power of ten: rounded to a thousandth of a nanosecond to shed binary dust.
  const ns = Math.round(Number(from.image.slice(0, -2)) * NS_PER_UNIT[unit] * 1000) / 1000;
  return { kind: "duration", range: rangeOf(from), text: from.image, ns };
}

export const percent = (from: IToken): PercentNode => ({
  kind: "percent",
  range: rangeOf(from),
  text: from.image,
  share: Number(from.image.slice(0, -1)) / 100,
});
