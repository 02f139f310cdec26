import { VENDOR_OF_FAMILY } from "../../model/arch.ts";
import { FACTS, type FactName } from "../../model/facts.ts";
import type { Guard, Rule } from "../../model/rule.ts";
import type { GuardNode } from "../ast.ts";
import { type CheckContext, type RuleUnit, ruleCheck } from "./check.ts";
import { membersOf } from "./proofs/bits.ts";
import { type GuardSpace, guardSpace } from "./proofs/guard-space.ts";
import { stepsOf } from "./proofs/pattern-relations.ts";

/**
 * wrong-guard. Vendor and stage against the kernels that the patterns cannot do without, and the
 * engine against the folder of the rule and the repositories of its sources.
 */
export const wrongGuards = ruleCheck("wrong-guard", function* (unit, context) {
  const { node, rule } = unit;
  const space = guardSpace(rule.guards);
  const at = (fact: FactName) => {
    const guard = node.when?.values.find((one) => one.fact.text === fact);
    return { range: (guard ?? node.id).range };
  };
  const framework = wrongFramework(rule, space);
  if (framework !== null) yield { ...at("framework"), ...framework };
  const vendor = wrongVendor(unit, space, context);
  if (vendor !== null) yield { ...at("vendor"), ...vendor };
  const stage = wrongStage(unit, space, context);
  if (stage !== null) yield { ...at("stage"), ...stage };
  const toggle = wrongSwitch(rule, space);
  if (toggle !== null) yield { range: node.toggle!.value.range, ...toggle };
});

interface Fault {
  readonly message: string;
  readonly help: string;
}

const ENGINES: readonly string[] = FACTS.framework.values.filter((name) => name !== "unknown");

function wrongFramework({ origin, sources }: Rule, space: GuardSpace): Fault | null {
  const allowed = space.get("framework")?.values ?? null;
  if (allowed === null) return null;
  if (ENGINES.includes(origin) && !allowed.includes(origin))
    return {
      message: `the rule is one of ${origin} and does not apply under ${origin}`,
      help: `framework = ${origin}, or move the rule to the folder of ${allowed.join(", ")}`,
    };
  const engines = [...new Set(sources.map(({ repo }) => repo))].filter((it) =>
    ENGINES.includes(it),
  );
  if (engines.length === 0 || sources.some(({ repo }) => !ENGINES.includes(repo))) return null;
  if (engines.some((engine) => allowed.includes(engine))) return null;
  return {
    message: `all sources are those of ${engines.join(", ")}, which the guard leaves out`,
    help: `framework = ${engines[0]}, or name the source in ${allowed[0]}`,
  };
}

function wrongVendor({ rule }: RuleUnit, space: GuardSpace, { known }: CheckContext): Fault | null {
  const family = space.get("arch")?.family ?? null;
  const allowed =
    space.get("vendor")?.values ?? (family === null ? null : [VENDOR_OF_FAMILY[family] ?? family]);
  // What a pull request brings may have the name of another vendor's kernel.
  if (known === null || allowed === null || rule.status === "in-flight") return null;
  for (const { pattern } of rule.states)
    for (const step of stepsOf(pattern)) {
      if (step.min === 0) continue;
      const members = [...membersOf(known.classes.of(step.class).may)];
      const kernels = members.map((at) => known.classes.dictionary.kernels[at]!);
      if (kernels.length === 0) continue;
      if (kernels.some(({ vendor }) => vendor === "any" || allowed.includes(vendor))) continue;
      const [example] = kernels;
      return {
        message: `${clipped(example!.spellings[0]!)} is a kernel of ${example!.vendor}, which the guard leaves out`,
        help: `vendor = ${example!.vendor}`,
      };
    }
  return null;
}

const LONGEST_NAME = 60;
const clipped = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

/** Environment variables bear the name of the engine that reads them. */
const ENGINE_OF_PREFIX: Readonly<Record<string, string>> = {
  VLLM: "vllm",
  SGLANG: "sglang",
  SGL: "sglang",
  TRTLLM: "trtllm",
  TLLM: "trtllm",
  TOKENSPEED: "tokenspeed",
};

function wrongSwitch({ toggle }: Rule, space: GuardSpace): Fault | null {
  const allowed = space.get("framework")?.values ?? null;
  if (allowed === null || toggle === null) return null;
  const words = toggle.split(/\s+/);
  for (const [index, word] of words.entries()) {
    const [variable, prefix] = /^([A-Z]+)_[A-Z0-9_]+(?==|$)/.exec(word) ?? [];
    const engine = ENGINE_OF_PREFIX[prefix ?? ""];
    const isValue = words[index - 1]?.startsWith("-") === true;
    if (engine === undefined || isValue || allowed.includes(engine)) continue;
    return {
      message: `${variable} is a switch of ${engine}, which the guard leaves out`,
      help: `name the switch of ${allowed[0]}`,
    };
  }
  return null;
}

/** Words of a kernel's name that tell its stage. */
const STAGE_WORDS = {
  decode: /(?:^|[^a-z])decod(?:e|ing)(?![a-z])/i,
  prefill: /(?:^|[^a-z])prefill(?![a-z])/i,
} as const;

function wrongStage({ rule }: RuleUnit, space: GuardSpace, { known }: CheckContext): Fault | null {
  const allowed = space.get("stage")?.values ?? null;
  if (allowed === null) return null;
  for (const [word, other] of [
    ["decode", "prefill"],
    ["prefill", "decode"],
  ] as const) {
    if (allowed.includes(word) || allowed.includes("mixed") || !allowed.includes(other)) continue;
    if (STAGE_WORDS[word].test(rule.title) && !STAGE_WORDS[other].test(rule.title))
      return {
        message: `the title speaks of ${word}, the guard of ${allowed.join(", ")}`,
        help: `stage = ${word}`,
      };
    if (known === null) continue;
    for (const { state, pattern } of rule.states) {
      if (state !== "active") continue;
      const names = stepsOf(pattern).flatMap((step) =>
        [...membersOf(known.classes.of(step.class).must)].map(
          (at) => known.classes.dictionary.kernels[at]!.spellings[0]!,
        ),
      );
      if (names.length === 0 || !names.every((name) => STAGE_WORDS[word].test(name))) continue;
      return {
        message: `${clipped(names[0]!)} runs in ${word}, the guard asks for ${allowed.join(", ")}`,
        help: `stage = ${word}`,
      };
    }
  }
  return null;
}

/** idle-guard. What every trace passes was meant to say something else. */
export const idleGuards = ruleCheck("idle-guard", function* ({ node, rule }) {
  for (const [index, guard] of rule.guards.entries()) {
    const written = node.when!.values[index]!;
    const said = idleness(guard);
    if (said !== null) yield { range: written.range, ...said };
    const twice = twiceNamed(written);
    if (twice !== null)
      yield {
        range: twice.range,
        message: `\`${twice.text}\` stands twice in this guard`,
        help: "name it once, or the other one that was meant",
      };
  }
});

function twiceNamed({ test }: GuardNode) {
  if (test.op !== "in") return null;
  const texts = test.values.map((value) => ("text" in value ? value.text : String(value.value)));
  const at = texts.findIndex((text, i) => texts.indexOf(text) < i);
  return at < 0 ? null : { range: test.values[at]!.range, text: texts[at]! };
}

/** Sizes of parallel groups begin at one, all other counts at nothing. */
const LEAST: Readonly<Partial<Record<FactName, number>>> = {
  tp: 1,
  pp: 1,
  dp: 1,
  ep: 1,
  attn_tp: 1,
  tokens: 0,
  message_bytes: 0,
};

function idleness(guard: Guard): Fault | null {
  const least = LEAST[guard.fact];
  const passes =
    least !== undefined &&
    ((guard.op === ">=" && Number(guard.value) <= least) ||
      (guard.op === ">" && Number(guard.value) < least));
  if (passes)
    return {
      message: `\`${guard.fact}\` is never less`,
      help: least === 1 ? `${guard.fact} >= 2 asks for more than one GPU` : "leave the guard out",
    };
  if (
    guard.op === "like" &&
    guard.except.length === 0 &&
    guard.globs.some((glob) => /^\*+$/.test(glob))
  )
    return { message: "every text fits `*`", help: "name what the rule is about" };
  return null;
}
