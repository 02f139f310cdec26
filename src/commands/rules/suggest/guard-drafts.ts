import { quote } from "../../../base/quote.ts";
import { FACTS, type FactName, type FactValue } from "../../../model/facts.ts";
import type { Guard, Rule } from "../../../model/rule.ts";
import type { Draft } from "./draft.ts";
import type { Picture } from "./picture.ts";

/** Facts on both sides of each guard, one test each; and for guards that take several values, all other values at once. */
export function guardDrafts({ guards }: Pick<Rule, "guards">, { base }: Picture): readonly Draft[] {
  const like = base.title.text;
  const single = guards.flatMap((guard) =>
    [...takenBy(guard), ...refusedBy(guard)].map((value) => draftOf(like, [[guard.fact, value]])),
  );
  const turns = guards.map((guard) => ({ fact: guard.fact, values: takenBy(guard) }));
  const most = Math.max(0, ...turns.map(({ values }) => values.length));
  const together = Array.from({ length: most }, (_, at) =>
    draftOf(
      like,
      turns.flatMap(({ fact, values }): [FactName, FactValue][] =>
        values.length === 0 ? [] : [[fact, values[at % values.length]!]],
      ),
    ),
  );
  return [...single, ...together];
}

function draftOf(like: string, facts: readonly (readonly [FactName, FactValue])[]): Draft {
  const said = new Map(facts);
  const given = [...said].map(([fact, value]) => `${fact} ${valueText(value)}`);
  return {
    title: [...said].map(([fact, value]) => factTitle(fact, value)).join(", "),
    like,
    lines: [`given ${given.join(", ")}`],
  };
}

const valueText = (value: FactValue): string =>
  typeof value === "number" || /^[A-Za-z_][\w-]*$/.test(value) ? String(value) : quote(value);

const SPELT: Readonly<Record<string, string>> = {
  sglang: "SGLang",
  vllm: "vLLM",
  trtllm: "TensorRT-LLM",
  tokenspeed: "TokenSpeed",
  nvidia: "NVIDIA",
  amd: "AMD",
};

function factTitle(fact: FactName, value: FactValue): string {
  const text = SPELT[value] ?? String(value);
  if (value === "unknown") return `of an unknown ${fact}`;
  switch (fact) {
    case "framework":
      return `under ${text}`;
    case "vendor":
    case "arch":
      return `on ${text}`;
    case "stage":
      return value === "all" ? "a trace without stages" : `in ${text}`;
    case "model":
      return `model ${text.split("/").at(-1)}`;
    case "graph":
      return value === "on" ? "inside a captured graph" : "outside of graphs";
    case "tokens":
      return `${text} tokens`;
    case "message_bytes":
      return `messages of ${text} bytes`;
    default:
      return `${fact.replaceAll("_", " ")} ${text}`;
  }
}

/** Values that the guard takes, at its edges. */
function takenBy(guard: Guard): readonly FactValue[] {
  switch (guard.op) {
    case "in":
      return guard.values;
    case "like":
      return guard.globs.map((glob) => named(guard.fact, glob.replaceAll("*", "")));
    case ">=":
    case "<=":
      return beside(guard.value, [0, guard.op === ">=" ? 1 : -1]);
    default:
      return beside(guard.value, [guard.op === ">" ? 1 : -1]);
  }
}

function refusedBy(guard: Guard): readonly FactValue[] {
  switch (guard.op) {
    case "in":
      return foreign(guard.fact, guard.values);
    case "like": {
      const excepted = guard.except.map((glob) => named(guard.fact, glob.replaceAll("*", "")));
      return [...excepted, OTHER_TEXT[guard.fact] ?? "other"];
    }
    case ">=":
    case "<=":
      return beside(guard.value, [guard.op === ">=" ? -1 : 1]);
    default:
      return beside(guard.value, [0]);
  }
}

const MOST_ARCHS = ["sm80", "sm90", "sm100", "sm103", "sm120", "gfx942", "gfx950"];

function beside(value: FactValue, by: readonly number[]): readonly FactValue[] {
  if (typeof value === "number") return by.map((one) => value + one).filter((one) => one >= 0);
  const at = MOST_ARCHS.indexOf(value);
  return by.flatMap((one) => {
    if (one === 0) return [value];
    const next = MOST_ARCHS[at + one];
    const family = (text: string) => text.replace(/\d.*$/, "");
    return at < 0 || next === undefined || family(next) !== family(value) ? [] : [next];
  });
}

/** A model that most rules about one model are not about. */
const OTHER_TEXT: Readonly<Partial<Record<FactName, string>>> = {
  model: "meta-llama/Llama-3.1-8B-Instruct",
  attn_backend: "torch_native",
  engine_version: "0.1.0",
};

/** Model names are written as they are on the hub where the rule says enough of them. */
const named = (_fact: FactName, text: string): string => text;

/** Values that stand for all others; the likeliest to be met first. */
function foreign(fact: FactName, values: readonly FactValue[]): readonly FactValue[] {
  const { type, values: known } = FACTS[fact];
  if (type === "int") {
    const numbers = values.map(Number);
    return [Math.max(...numbers) + 1, Math.min(...numbers) - 1].filter((one) => one >= 0);
  }
  const others = (known ?? MOST_ARCHS).filter((one) => !values.includes(one));
  const told = others.filter((one) => one !== "unknown");
  return (told.length > 0 ? told : others).slice(0, 2);
}
