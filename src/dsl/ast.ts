import type { SourceRange } from "../model/diagnostic.ts";
import type { CategoryGround, RuleKind, RuleStatus, StateName } from "../model/rule.ts";

/**
 * The tree of a `.fuse` file, nothing resolved yet. Every node knows its place; sections that may
 * stand once are `null` when absent, the others are lists in source order. A part that did not
 * parse is missing from the tree and `FuseFile.complete` is false.
 */
export interface FuseFile extends Node {
  /** Name the text was parsed under; diagnostics repeat it. */
  readonly file: string;
  /** No syntax error anywhere in the file. */
  readonly complete: boolean;
  /** The number after `fuse`; null when the header is missing. */
  readonly edition: IntNode | null;
  readonly imports: readonly ImportNode[];
  readonly entries: readonly (LetNode | DefinitionNode)[];
  /** One in a sound file; more are reported, not dropped. */
  readonly rules: readonly RuleNode[];
  readonly comments: readonly CommentNode[];
}

export interface Node {
  readonly range: SourceRange;
}

/** A name or a fixed word. */
export interface WordNode extends Node {
  readonly kind: "word";
  readonly text: string;
}
/** A quoted text, escapes already resolved. */
export interface TextNode extends Node {
  readonly kind: "text";
  readonly text: string;
}
export interface IntNode extends Node {
  readonly kind: "int";
  readonly value: number;
}
/** `2026-08-22` or `2026-08`. */
export interface DayNode extends Node {
  readonly kind: "day";
  readonly text: string;
}
/** `1.5us`; nanoseconds, not yet checked to be whole. */
export interface DurationNode extends Node {
  readonly kind: "duration";
  readonly text: string;
  readonly ns: number;
}
/** `0.4%`; share 0–1. */
export interface PercentNode extends Node {
  readonly kind: "percent";
  readonly text: string;
  readonly share: number;
}
/** `// …`, text as written. */
export interface CommentNode extends Node {
  readonly kind: "comment";
  readonly text: string;
}

export interface ImportNode extends Node {
  readonly kind: "import";
  readonly path: TextNode;
  readonly alias: WordNode;
}

export interface LetNode extends Node {
  readonly kind: "let";
  readonly name: WordNode;
  readonly expr: ClassNode;
}

/** Vocabulary entry of a library file. */
export interface DefinitionNode extends Node {
  readonly kind: "category" | "role" | "library";
  readonly id: WordNode;
  readonly title: TextNode | null;
  /** What it tells the category by, where that is not a class of exact names. */
  readonly by: CategoryGround | null;
  readonly expr: ClassNode;
}

export type ClassNode = AnyNode | AllNode | NotNode | AtomNode | RefNode;
/** Two or more, never directly nested in another `any`. */
interface AnyNode extends Node {
  readonly kind: "any";
  readonly of: readonly ClassNode[];
}
/** Two or more, never directly nested in another `all`. */
interface AllNode extends Node {
  readonly kind: "all";
  readonly of: readonly ClassNode[];
}
interface NotNode extends Node {
  readonly kind: "not";
  readonly of: ClassNode;
}
/** `name "*a*" | "b"`: holds when any pattern fits the field. */
export interface AtomNode extends Node {
  readonly kind: "atom";
  readonly field: WordNode;
  readonly patterns: readonly TextNode[];
}
/** `norm.add_norm` or `add_norm`. */
export interface RefNode extends Node {
  readonly kind: "ref";
  readonly module: WordNode | null;
  readonly name: WordNode;
}

export interface RuleNode extends Node {
  readonly kind: "rule";
  readonly id: WordNode;
  readonly ruleKind: (Node & { readonly value: RuleKind }) | null;
  readonly title: SectionNode<TextNode> | null;
  readonly status: StatusNode | null;
  readonly since: SectionNode<TextNode | DayNode> | null;
  readonly owner: SectionNode<TextNode> | null;
  readonly rev: SectionNode<TextNode | IntNode> | null;
  readonly tags: ListNode<WordNode | TextNode> | null;
  readonly sources: readonly SourceNode[];
  readonly refs: readonly SectionNode<TextNode>[];
  readonly when: ListNode<GuardNode> | null;
  readonly lets: readonly LetNode[];
  readonly states: readonly StateNode[];
  readonly report: SectionNode<PercentNode> | null;
  readonly subsumes: ListNode<WordNode> | null;
  readonly conflicts: ListNode<WordNode> | null;
  readonly saves: ListNode<WordNode> | null;
  readonly toggle: SectionNode<TextNode> | null;
  readonly messages: readonly MessageNode[];
  readonly tests: readonly TestNode[];
}

/** A section of one value; the range covers its keyword too. */
export interface SectionNode<Value extends Node> extends Node {
  readonly kind: "section";
  readonly value: Value;
}
/** A section of several values; the range covers its keyword too. */
export interface ListNode<Value extends Node> extends Node {
  readonly kind: "list";
  readonly values: readonly Value[];
}

export interface StatusNode extends Node {
  readonly kind: "status";
  readonly value: RuleStatus;
  /** In-flight only. */
  readonly prs: readonly TextNode[];
  readonly checked: DayNode | null;
  /** Deprecated only. */
  readonly replacedBy: WordNode | null;
}

/** `source sglang @ "sha" since "0.5.20" until "0.5.23" "path#symbol"`. */
export interface SourceNode extends Node {
  readonly kind: "source";
  readonly repo: WordNode;
  /** A commit or a release. */
  readonly commit: WordNode | TextNode | null;
  readonly since: TextNode | null;
  readonly until: TextNode | null;
  readonly target: TextNode;
}

export type ValueNode = WordNode | TextNode | IntNode;

export interface GuardNode extends Node {
  readonly kind: "guard";
  readonly fact: WordNode;
  readonly test:
    | { readonly op: "=" | ">=" | "<=" | ">" | "<"; readonly value: ValueNode }
    | { readonly op: "in"; readonly values: readonly ValueNode[] }
    | {
        readonly op: "like";
        readonly globs: readonly TextNode[];
        readonly except: readonly TextNode[];
      };
}

export interface StateNode extends Node {
  readonly kind: "state";
  readonly state: StateName;
  readonly pattern: PatternNode;
  readonly where: readonly ConditionNode[];
  readonly repeat: RepeatNode | null;
}

export interface RepeatNode extends Node {
  readonly kind: "repeat-at-least";
  readonly min: IntNode;
}

export type PatternNode = ChainNode | AnyOrderNode | OverlapNode;
/** `links[i]` joins steps i and i+1. */
interface ChainNode extends Node {
  readonly kind: "chain";
  readonly steps: readonly StepNode[];
  readonly links: readonly LinkNode[];
}
interface AnyOrderNode extends Node {
  readonly kind: "any-order";
  readonly steps: readonly StepNode[];
  readonly within: IntNode;
}
interface OverlapNode extends Node {
  readonly kind: "overlap";
  readonly first: StepNode;
  readonly second: StepNode;
  readonly least: PercentNode | null;
}

export interface StepNode extends Node {
  readonly kind: "step";
  readonly class: RefNode;
  readonly capture: WordNode | null;
  readonly quantifier: QuantifierNode | null;
}
/** `?` is 0..1, `{2}` is 2..2. */
export interface QuantifierNode extends Node {
  readonly kind: "quantifier";
  readonly min: number;
  readonly max: number;
}

/** What may stand between two steps; a bare arrow asks for the very next kernel. */
export interface LinkNode extends Node {
  readonly kind: "link";
  readonly skip: IntNode | null;
  readonly gap: DurationNode | null;
  readonly without: readonly RefNode[];
  readonly past: readonly RefNode[];
}

export interface ConditionNode extends Node {
  readonly kind: "condition";
  readonly left: FieldOfNode;
  readonly equal: boolean;
  readonly right: FieldOfNode;
}
/** `shared.stream`; the field is not yet checked to exist. */
export interface FieldOfNode extends Node {
  readonly kind: "field-of";
  readonly capture: WordNode;
  readonly field: WordNode;
}

export interface MessageNode extends Node {
  readonly kind: "verdict" | "advice";
  readonly state: StateName;
  readonly template: TextNode;
}

export interface TestNode extends Node {
  readonly kind: "test";
  readonly title: TextNode;
  /** Title of the test that this one varies. */
  readonly like: TextNode | null;
  readonly given: readonly GivenNode[];
  readonly rows: readonly RowNode[];
  readonly expect: ExpectNode | null;
}
export interface GivenNode extends Node {
  readonly kind: "given";
  readonly fact: WordNode;
  readonly value: ValueNode;
}

export type RowNode = KernelRowNode | RepeatRowNode | ChangeNode;
interface RepeatRowNode extends Node {
  readonly kind: "repeat";
  readonly times: IntNode;
  readonly rows: readonly RowNode[];
}
export interface KernelRowNode extends Node {
  readonly kind: "on";
  readonly stream: WordNode;
  readonly name: TextNode;
  readonly duration: DurationNode;
  readonly after: DurationNode | null;
  readonly at: DurationNode | null;
  readonly op: TextNode | null;
  readonly scope: TextNode | null;
  readonly frame: TextNode | null;
  /** Row of the varied test that it comes before; null at the end, and in a test of its own. */
  readonly before: RowRefNode | null;
}

/** `"*rms_norm*" 2`: rows of the varied test by their kernel's name, or the second of them. */
export interface RowRefNode extends Node {
  readonly kind: "row-ref";
  readonly glob: TextNode;
  readonly nth: IntNode | null;
}
/** What a test does otherwise than the one it varies. */
type ChangeNode = DropNode | SwapNode | AlterNode | TurnsNode;
interface DropNode extends Node {
  readonly kind: "drop";
  readonly row: RowRefNode;
}
interface SwapNode extends Node {
  readonly kind: "swap";
  readonly row: RowRefNode;
  readonly other: RowRefNode;
}
/** What is not null stands in place of what the row says. */
export interface AlterNode
  extends Node,
    Pick<KernelRowNode, "after" | "at" | "op" | "scope" | "frame"> {
  readonly kind: "change";
  readonly row: RowRefNode;
  readonly stream: WordNode | null;
  readonly name: TextNode | null;
}
/** `repeat 1` without a block: so many turns instead of those of the varied test. */
interface TurnsNode extends Node {
  readonly kind: "turns";
  readonly times: IntNode;
}

export interface ExpectNode extends Node {
  readonly kind: "expect";
  readonly outcome:
    | { readonly match: StateName; readonly times: IntNode | null }
    | {
        readonly match: null;
        readonly because: "guard" | "pattern" | "share" | null;
        readonly guard: WordNode | null;
      };
}
