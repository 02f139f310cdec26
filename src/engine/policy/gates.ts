import { EXIT, TriageError } from "../../model/errors.ts";
import { nearestWord } from "../../model/nearest.ts";
import type { Gate } from "../../model/options.ts";
import { fuseFacts, type StagedRow } from "./fuse-policy.ts";
import type { Policy, PolicyGate } from "./policy.ts";
import { PolicyEngine } from "./policy-engine.ts";

interface GateSpec {
  readonly gate: PolicyGate;
  /** "share": the largest share of a row in percent; "rows": how many rows there are. */
  readonly measure: "share" | "rows";
  readonly orMore: boolean;
  readonly limit: number;
}

/**
 * Judges gates such as "mainline-split", "mainline-split>2%" and "pending>=3": without a limit any
 * row fails it, with a percentage any row of a larger share of its stage's GPU time, with a number
 * more rows than that.
 *
 * @throws TriageError `gate/unknown` for a gate the policy does not have, `gate/syntax` for text that is none.
 */
export async function evaluateGates(
  rows: readonly StagedRow[],
  specs: readonly string[],
  policy: Policy | null,
): Promise<readonly Gate[]> {
  const answers: Gate[] = [];
  for (const text of specs) answers.push(await evaluate(text, parseGate(text, policy), rows));
  return answers;
}

async function evaluate(text: string, spec: GateSpec, rows: readonly StagedRow[]): Promise<Gate> {
  const { gate, measure, limit, orMore } = spec;
  const engine = new PolicyEngine([{ name: gate.name, when: gate.when, decide: { type: "gate" } }]);
  const held: StagedRow[] = [];
  for (const row of rows) if ((await engine.judge(fuseFacts(row))).length > 0) held.push(row);
  const exceeds = (value: number): boolean => (orMore ? value >= limit : value > limit);
  const over = measure === "share" ? held.filter(({ row }) => exceeds(row.sharePct)) : held;
  const failed = measure === "share" ? over.length > 0 : exceeds(held.length);
  over.sort((a, b) => b.row.sharePct - a.row.sharePct || (a.row.rule < b.row.rule ? -1 : 1));
  const list = over.map(({ stage, row }) => `${row.rule} (${stage}, ${row.sharePct.toFixed(1)}%)`);
  const amount = `${held.length} ${held.length === 1 ? "row" : "rows"} of ${gate.title}`;
  const limitText = `${orMore ? "at least" : "more than"} ${limit}${measure === "share" ? "%" : " rows"}`;
  const named = list.length > 0 ? `: ${list.join(", ")}` : "";
  const which =
    measure === "share" ? `, ${over.length} with ${limitText}` : `, fails at ${limitText}`;
  return { id: text, failed, reason: `${amount}${which}${named}` };
}

function parseGate(text: string, policy: Policy | null): GateSpec {
  const parts = /^\s*([a-z][a-z0-9-]*)\s*(?:(>=?)\s*(\d+(?:\.\d+)?)\s*(%?))?\s*$/.exec(text);
  const names = (policy?.gates ?? []).map(({ name }) => name);
  const known =
    names.length > 0 ? `Gates of the policy: ${names.join(", ")}.` : "The policy has no gates.";
  if (parts === null) {
    throw new TriageError({
      code: "gate/syntax",
      exit: EXIT.usage,
      message: `'${text}' is not a gate. Write NAME, NAME>2% or NAME>3.`,
      hint: known,
    });
  }
  const gate = policy?.gates?.find(({ name }) => name === parts[1]);
  if (gate === undefined) {
    const meant = nearestWord(parts[1]!, names);
    throw new TriageError({
      code: "gate/unknown",
      exit: EXIT.usage,
      message: `There is no gate '${parts[1]}'.${meant === null ? "" : ` Did you mean '${meant}'?`}`,
      hint: known,
    });
  }
  return {
    gate,
    measure: parts[4] === "%" ? "share" : "rows",
    orMore: parts[2] === ">=",
    limit: Number(parts[3] ?? 0),
  };
}
