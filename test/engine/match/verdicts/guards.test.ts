import { expect, test } from "vitest";
import { checkGuards, guardTruth } from "../../../../src/engine/match/verdicts/guards.ts";
import type { FactName, Facts, FactValue } from "../../../../src/model/facts.ts";
import type { Guard } from "../../../../src/model/rule.ts";

function known(values: Partial<Record<FactName, FactValue>>): Facts {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, from: "test" }]),
  );
}
const isOneOf = (fact: FactName, ...values: FactValue[]): Guard => ({ fact, op: "in", values });
const like = (fact: FactName, globs: string[], except: string[] = []): Guard => ({
  fact,
  op: "like",
  globs,
  except,
});

test("a missing fact is unknown, not false", () => {
  const atLeastTwo: Guard = { fact: "tp", op: ">=", value: 2 };
  expect(guardTruth(atLeastTwo, known({ tp: 2 }))).toBe("true");
  expect(guardTruth(atLeastTwo, known({ tp: 1 }))).toBe("false");
  expect(guardTruth(atLeastTwo, known({}))).toBe("unknown");
  expect(guardTruth(isOneOf("framework", "vllm", "unknown"), known({}))).toBe("true");
});

test("architectures compare within their vendor only", () => {
  const atLeast = (value: string): Guard => ({ fact: "arch", op: ">=", value });
  expect(guardTruth(atLeast("sm90"), known({ arch: "sm100" }))).toBe("true");
  expect(guardTruth(atLeast("sm100"), known({ arch: "sm90" }))).toBe("false");
  expect(guardTruth(atLeast("sm90"), known({ arch: "gfx942" }))).toBe("false");
  expect(guardTruth(atLeast("gfx942"), known({ arch: "gfx950" }))).toBe("true");
  expect(guardTruth(atLeast("gfx942"), known({ arch: "gfx90a" }))).toBe("false");
  expect(guardTruth(isOneOf("arch", "sm90a"), known({ arch: "sm90" }))).toBe("true");
});

test("like ignores case and covers the whole text", () => {
  const guard = like("model", ["*Qwen3*"], ["*-VL*"]);
  expect(guardTruth(guard, known({ model: "qwen/qwen3-8b" }))).toBe("true");
  expect(guardTruth(guard, known({ model: "Qwen/Qwen3-VL-8B" }))).toBe("false");
  expect(guardTruth(like("model", ["qwen3"]), known({ model: "Qwen/Qwen3" }))).toBe("false");
});

test("a rule about prefill and decode is about mixed steps too, one about decode is not", () => {
  const both = isOneOf("stage", "prefill", "decode");
  const decode = isOneOf("stage", "decode");
  expect(guardTruth(both, known({ stage: "mixed" }))).toBe("true");
  expect(guardTruth(decode, known({ stage: "mixed" }))).toBe("false");
  expect(guardTruth(isOneOf("stage", "mixed"), known({ stage: "mixed" }))).toBe("true");
});

test("a stage nobody could tell is certain only where prefill and decode agree", () => {
  expect(guardTruth(isOneOf("stage", "prefill", "decode"), known({ stage: "all" }))).toBe("true");
  expect(guardTruth(isOneOf("stage", "decode"), known({ stage: "all" }))).toBe("unknown");
  expect(guardTruth(isOneOf("stage", "decode"), known({}))).toBe("unknown");
  expect(guardTruth(isOneOf("stage", "decode"), known({ stage: "prefill" }))).toBe("false");
});

test("the first false guard blocks, and a blocked rule assumes nothing", () => {
  const guards = [isOneOf("vendor", "nvidia"), isOneOf("quant", "fp8"), isOneOf("tp", 2)];
  expect(checkGuards({ guards }, known({ tp: 1 }))).toMatchObject({
    blockedBy: "tp",
    assuming: [],
  });
  expect(checkGuards({ guards }, known({ vendor: "nvidia" }))).toMatchObject({
    blockedBy: null,
    assuming: ["quant", "tp"],
  });
});
