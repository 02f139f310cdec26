/** A policy file, valid against `references/policy.schema.json`. */
export interface Policy {
  readonly version: 1;
  readonly table: "fuse" | "overlap" | "similarity";
  readonly rules: readonly PolicyRule[];
  readonly gates?: readonly PolicyGate[];
}

interface PolicyRule {
  readonly name: string;
  readonly priority?: number;
  readonly when: PolicyConditions;
  readonly decide: PolicyEvent;
}

/** A named set of rows that `--fail-on` can ask about. */
export interface PolicyGate {
  readonly name: string;
  readonly title: string;
  readonly when: PolicyConditions;
}

/** What a rule of the policy decides: a type the table knows and its parameters. */
export interface PolicyEvent {
  readonly type: string;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
}

export type PolicyConditions =
  | { readonly all: readonly PolicyCondition[] }
  | { readonly any: readonly PolicyCondition[] }
  | { readonly not: PolicyCondition };

type PolicyCondition = PolicyConditions | PolicyTest;

interface PolicyTest {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
}

/** What a policy may ask about a row. */
export type PolicyFacts = Readonly<
  Record<string, string | number | boolean | readonly string[] | null>
>;
