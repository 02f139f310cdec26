import { FACTS, type FactName, type FactValue } from "../../model/facts.ts";
import type { Guard } from "../../model/rule.ts";
import type { GuardNode, ValueNode, WordNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";

/** GPU architectures as facts spell them; numbers are compared within one vendor. */
const ARCH = /^(?:sm\d{2,3}[a-z]?|gfx[0-9a-f]{3,4})$/;

const KIND_OF_VALUE = {
  int: "a whole number",
  arch: "a GPU architecture such as sm90 or gfx942",
} as const;

export function compileGuard(node: GuardNode, remarks: Remarks): Guard | null {
  const fact = factNamed(node.fact, remarks);
  if (fact === null) return null;
  const { type } = FACTS[fact];
  const { test } = node;
  const { line } = node.range;
  const unfit = (operators: string) => {
    const message = `\`${fact}\` cannot be asked with \`${test.op}\``;
    remarks.error("impossible-value", node.range, message, { help: `use ${operators}` });
    return null;
  };
  switch (test.op) {
    case "like":
      if (type === "int" || type === "arch") return unfit("`=`, `in`, `>=` or `<=`");
      return {
        line,
        fact,
        op: "like",
        globs: test.globs.map(({ text }) => text),
        except: test.except.map(({ text }) => text),
      };
    case "in":
    case "=": {
      const nodes = test.op === "in" ? test.values : [test.value];
      const values = nodes.map((value) => compileValue(fact, value, remarks));
      return values.includes(null) ? null : { line, fact, op: "in", values: values as FactValue[] };
    }
    default: {
      if (type === "name" || type === "text") return unfit("`=`, `in` or `like`");
      const value = compileValue(fact, test.value, remarks);
      return value === null ? null : { line, fact, op: test.op, value };
    }
  }
}

export function factNamed({ text, range }: WordNode, remarks: Remarks): FactName | null {
  if (Object.hasOwn(FACTS, text)) return text as FactName;
  remarks.error(
    "unknown-word",
    range,
    `no fact is called \`${text}\``,
    didYouMean(text, Object.keys(FACTS)),
  );
  return null;
}

/** The value of a fact, null (and reported) when the fact never has it. */
export function compileValue(fact: FactName, node: ValueNode, remarks: Remarks): FactValue | null {
  const { type, values } = FACTS[fact] as { type: string; values: readonly string[] | null };
  const value = node.kind === "int" ? node.value : node.text;
  if (type === "int" || type === "arch") {
    const fits = type === "int" ? typeof value === "number" : ARCH.test(String(value));
    if (fits) return value;
    remarks.error(
      "impossible-value",
      node.range,
      `\`${fact}\` is ${KIND_OF_VALUE[type]}, not \`${value}\``,
    );
    return null;
  }
  if (values === null || values.includes(String(value))) return String(value);
  remarks.error("impossible-value", node.range, `\`${fact}\` is never \`${value}\``, {
    help: `it is one of ${values.join(", ")}`,
    ...didYouMean(String(value), values),
  });
  return null;
}
