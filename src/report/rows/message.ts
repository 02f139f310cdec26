import type { Message, StateName } from "../../model/rule.ts";
import { share } from "../numbers.ts";

/** What the placeholders of a rule's message stand for. */
export interface MessageFacts {
  readonly counts: Readonly<Record<StateName, number>>;
  readonly sharePct: number;
  readonly coveragePct: number;
  readonly stage: string;
  readonly prs: readonly string[];
  /** Per capture the kernel and the place that take most of its time. */
  readonly captures: ReadonlyMap<string, { readonly name: string; readonly frame: string }>;
}

/** The rule's own words for a state, filled in; null when it has none. */
export function messageText(
  messages: readonly Message[],
  kind: Message["kind"],
  state: StateName,
  facts: MessageFacts,
): string | null {
  const message = messages.find((one) => one.kind === kind && one.state === state);
  if (message === undefined) return null;
  return message.template.replace(
    /\{([\w.-]+)\}/g,
    (whole, field: string) => fieldText(field, state, facts) ?? whole,
  );
}

function fieldText(field: string, state: StateName, facts: MessageFacts): string | null {
  switch (field) {
    case "count":
      return String(facts.counts[state]);
    case "active.count":
    case "partial.count":
    case "split.count":
      return String(facts.counts[field.split(".")[0] as StateName]);
    case "share":
      return share(facts.sharePct);
    case "coverage":
      return share(facts.coveragePct);
    case "stage":
      return facts.stage;
    case "pr":
      return facts.prs.join(", ");
  }
  const [capture = "", part] = field.split(".");
  const kernel = facts.captures.get(capture);
  // A step that may be missing has no kernel to name: its word in the rule says which step it is.
  if (part === "name") return kernel?.name ?? capture;
  if (part === "frame") return kernel?.frame ?? `the place of ${capture}`;
  return null;
}
