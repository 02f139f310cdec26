/** How well the own tests of a rule or a work model pin it down. */
export interface MutationScore {
  readonly rule: string;
  readonly file: string;
  readonly mutants: number;
  /** Mutants that an embedded test tells from the rule. */
  readonly killed: number;
  /** Changes that no test shows: a test is missing, or the changed part does nothing. */
  readonly survivors: readonly string[];
}

/** Share of changes to a rule that its own tests must notice. */
const LEAST_NOTICED = 0.9;

export const isWeak = ({ killed, mutants }: MutationScore): boolean =>
  killed < LEAST_NOTICED * mutants;
