import { nearestWord } from "../../base/nearest.ts";
import { EXIT, TriageError } from "../../model/errors.ts";

/** For an id that no rule has; `known` are those that could have been meant. */
export function unknownRule(id: string, known: readonly string[]): TriageError {
  const near = nearestWord(id, known);
  return new TriageError({
    code: "usage/unknown-rule",
    exit: EXIT.usage,
    message: `No rule ${JSON.stringify(id)}.`,
    hint: near === null ? "`rules list` names them all" : `did you mean ${near}?`,
  });
}
