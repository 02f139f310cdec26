import type { SourceRange } from "../../model/diagnostic.ts";
import type { WorkInput, WorkOperator } from "../../model/work.ts";
import type { Node, SourceNode, TextNode, WordNode } from "../ast.ts";

/** A file of edition 2: one work model. Nothing is resolved yet. */
export interface WorkFile extends Node {
  readonly file: string;
  /** No syntax error anywhere in the file. */
  readonly complete: boolean;
  readonly work: WorkNode | null;
}

export interface WorkNode extends Node {
  readonly id: WordNode;
  readonly title: TextNode | null;
  readonly ops: readonly TextNode[];
  readonly kernels: readonly TextNode[];
  readonly sources: readonly SourceNode[];
  readonly where: readonly ExprNode[];
  readonly lets: readonly { readonly name: WordNode; readonly value: ExprNode }[];
  readonly flops: ExprNode | null;
  readonly rate: { readonly unit: WordNode; readonly type: ExprNode } | null;
  readonly reads: ExprNode | null;
  readonly writes: ExprNode | null;
  readonly links: ExprNode | null;
  readonly assuming: readonly TextNode[];
  readonly least: TextNode | null;
  readonly tests: readonly WorkTestNode[];
}

export type ExprNode = Node &
  (
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "text"; readonly value: string }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "field"; readonly of: ExprNode; readonly field: WordNode }
    | { readonly kind: "at"; readonly of: ExprNode; readonly index: ExprNode }
    | { readonly kind: "call"; readonly fn: WordNode; readonly args: readonly ExprNode[] }
    | { readonly kind: "not"; readonly of: ExprNode }
    | {
        readonly kind: "binary";
        readonly op: WorkOperator;
        readonly left: ExprNode;
        readonly right: ExprNode;
      }
    | {
        readonly kind: "if";
        readonly test: ExprNode;
        readonly then: ExprNode;
        readonly otherwise: ExprNode;
      }
  );

export type InputNode = Node & WorkInput;

interface WorkCallNode {
  readonly op: TextNode;
  readonly inputs: readonly InputNode[];
}

export interface WorkTestNode extends Node {
  readonly title: TextNode;
  readonly inputs: readonly InputNode[];
  readonly inner: readonly WorkCallNode[];
  readonly outer: readonly WorkCallNode[];
  readonly step: readonly { readonly field: WordNode; readonly value: number }[];
  readonly kernel: TextNode | null;
  readonly expect:
    | (Node & { readonly none: true })
    | (Node & {
        readonly none: false;
        readonly flops: number | null;
        readonly bytes: number | null;
      })
    | null;
}

export const spanOf = (from: SourceRange, to: SourceRange): SourceRange => ({
  ...from,
  end: to.end,
});
