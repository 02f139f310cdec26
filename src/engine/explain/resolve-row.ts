import { nearestWord } from "../../base/nearest.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { KernelName } from "../../model/trace/trace.ts";

/** What a row is about: a rule's id, or a kernel's demangled name. */
type RowSubject =
  | { readonly kind: "rule"; readonly id: string }
  | { readonly kind: "kernel"; readonly name: string };

/** Candidates named in full. */
const MOST_CANDIDATES = 12;

/**
 * The rule or kernel a user means by what they saw in a table. A rule's id comes first, then the
 * spellings of a kernel's name, then a part that only one kernel has, or else only one rule.
 *
 * @throws {TriageError} `row/ambiguous` or `row/unknown` (exit 2), with what could have been meant
 */
export function resolveRow(
  row: string,
  ruleIds: readonly string[],
  names: readonly KernelName[],
): RowSubject {
  if (ruleIds.includes(row)) return { kind: "rule", id: row };
  const isName = ({ raw, demangled, short }: KernelName): boolean =>
    row === demangled || row === raw || row === short;
  const exact = kernelsOf(names.filter(isName));
  const full = exact.find((name) => name === row);
  if (full !== undefined) return { kind: "kernel", name: full };
  if (exact.length > 0) return only(row, exact, []);
  const holds = (text: string): boolean => text.includes(row);
  const kernels = kernelsOf(
    names.filter((name) => holds(name.demangled) || holds(name.raw) || holds(name.short)),
  );
  if (kernels.length > 0) return only(row, kernels, []);
  // Ids are many and speak of the same things: a part of one counts only where no kernel has it.
  const rules = ruleIds.filter(holds);
  if (rules.length > 0) return only(row, [], rules);
  throw unknown(row, ruleIds, names);
}

function kernelsOf(names: readonly KernelName[]): string[] {
  return [...new Set(names.map(({ demangled }) => demangled))].sort();
}

function only(row: string, kernels: readonly string[], rules: readonly string[]): RowSubject {
  const all = [...rules.map((id) => `rule ${id}`), ...kernels.map((name) => `kernel ${name}`)];
  const [kernel] = kernels;
  if (all.length === 1)
    return kernel === undefined
      ? { kind: "rule", id: rules[0]! }
      : { kind: "kernel", name: kernel };
  const more = all.length > MOST_CANDIDATES ? `; and ${all.length - MOST_CANDIDATES} more` : "";
  const list = all.slice(0, MOST_CANDIDATES).join("; ");
  throw new TriageError({
    code: "row/ambiguous",
    exit: EXIT.usage,
    message: `${JSON.stringify(row)} could be ${all.length} rows: ${list}${more}.`,
    hint: "Give more of the name, or all of it.",
  });
}

function unknown(
  row: string,
  ruleIds: readonly string[],
  names: readonly KernelName[],
): TriageError {
  const near = nearestWord(row, [...ruleIds, ...names.map(({ short }) => short)]);
  return new TriageError({
    code: "row/unknown",
    exit: EXIT.usage,
    message: `No rule and no kernel of the trace is called ${JSON.stringify(row)}.`,
    hint:
      near === null
        ? "Copy a kernel's name or a rule's id from the report (--min-share 0 shows all)."
        : `Did you mean ${near}?`,
  });
}
