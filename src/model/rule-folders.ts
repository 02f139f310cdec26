/** Where rules are read from: a whole rule base, and what a team lays over it. */
export interface RuleFolders {
  /** Folder with a vocabulary of its own. */
  readonly base: string;
  /** Folders laid over it, weakest first: a rule of a later one takes the place of an earlier one's of its id. */
  readonly over: readonly string[];
  /** Ids of rules and work models that are left out. */
  readonly off: readonly string[];
}

/** One folder stands for itself alone. */
export type RulesAt = string | RuleFolders;

export function ruleFolders(at: RulesAt): RuleFolders {
  return typeof at === "string" ? { base: at, over: [], off: [] } : at;
}
