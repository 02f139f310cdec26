import { describe, expect, test } from "vitest";
import {
  ContextLimitError,
  DEFAULT_WORKLOAD,
  fitToTokenizer,
  planWorkload,
} from "../../src/capture/workload.ts";

const BOUNDED = { boundsSteps: true, skipsSteps: false, closesByTraffic: false };
const UNBOUNDED = { ...BOUNDED, boundsSteps: false };
const words = (prompt: string) => prompt.split(" ").length;

function plan(options = {}, control = BOUNDED, limit: number | null = null, salt = 0) {
  return planWorkload({ ...DEFAULT_WORKLOAD, ...options }, control, limit, salt);
}

describe("the usual workload", () => {
  const [prefill, decode] = plan().loads;

  test("prefill: 4090 in, 1 out, ten to warm up, five recorded", () => {
    expect(prefill).toMatchObject({ stage: "prefill", asked: 5, windowSteps: 5, skipSteps: 0 });
    expect(prefill!.warmup).toHaveLength(10);
    expect(prefill!.recorded.map((group) => group.length)).toEqual([1, 1, 1, 1, 1]);
    for (const { prompt, outputTokens } of [...prefill!.warmup, ...prefill!.recorded.flat()])
      expect([words(prompt), outputTokens]).toEqual([4090, 1]);
  });

  test("decode: 1 in, 2048 out, one request; its own prefill step leads the window", () => {
    expect(decode).toMatchObject({ stage: "decode", asked: 5, windowSteps: 6, skipSteps: 0 });
    expect(decode!.warmup.map(({ outputTokens }) => outputTokens)).toEqual([10]);
    const [[probe]] = decode!.recorded as [[{ prompt: string; outputTokens: number }]];
    expect([words(probe.prompt), probe.outputTokens]).toEqual([1, 2048]);
  });

  test("no two prompts begin alike, nor do those of the next run", () => {
    const firsts = (salt: number) =>
      plan({}, BOUNDED, null, salt)
        .loads[0]!.recorded.flat()
        .map(({ prompt }) => prompt.split(" ").slice(0, 4).join(" "));
    const all = [0, 1, 40, 2000].flatMap(firsts);
    expect(new Set(all).size).toBe(all.length);
    expect(new Set(firsts(7).map((words) => words.split(" ")[0])).size).toBe(5);
  });
});

describe("what the server can bound", () => {
  test("a server that can skip steps is told to skip the prefill", () => {
    const [, decode] = plan({}, { ...BOUNDED, skipsSteps: true }).loads;
    expect(decode).toMatchObject({ windowSteps: 5, skipSteps: 1 });
  });

  test("an unbounded window is bounded by the length of the answer", () => {
    const [, decode] = plan({}, UNBOUNDED).loads;
    expect(decode!.recorded.flat().map(({ outputTokens }) => outputTokens)).toEqual([6]);
  });

  test("a window that only traffic closes gets one request more", () => {
    const [prefill] = plan({}, { ...BOUNDED, closesByTraffic: true }).loads;
    expect(prefill!.recorded).toHaveLength(6);
  });
});

describe("the model's context", () => {
  test.each([
    [4096, 4090, 2048],
    [2048, 2042, 2042],
    [null, 4090, 2048],
  ])("of %s tokens: %i in, %i out", (limit, input, output) => {
    const [prefill, decode] = plan({}, BOUNDED, limit).loads;
    expect(words(prefill!.recorded[0]![0]!.prompt)).toBe(input);
    expect(decode!.recorded[0]![0]!.outputTokens).toBe(output);
  });

  test("says what it shortened", () => {
    expect(plan({}, BOUNDED, 2048).notes).toEqual([
      "The prompt is 2042 instead of 4090 tokens, to fit the model's context of 2048 tokens.",
      "The answer is 2042 instead of 2048 tokens, to fit the model's context of 2048 tokens.",
    ]);
    expect(plan({}, BOUNDED, 4096).notes).toEqual([]);
  });

  test.each([{ prefillInput: 3000 }, { decodeOutput: 3000 }])(
    "%o that was asked for is not shortened",
    (options) => {
      expect(() => plan(options, BOUNDED, 2048)).toThrow(ContextLimitError);
    },
  );
});

describe("the model's tokenizer, as the warm-up shows it", () => {
  const [prefill, decode] = plan().loads;
  const lengths = (counted: number[], limit: number | null) => {
    const { load, note } = fitToTokenizer(prefill!, counted, limit);
    return { words: words(load.recorded[4]![0]!.prompt), said: note !== null };
  };

  test.each([
    ["one token a word", [4090, 4091], 4096 + 100, { words: 4090, said: false }],
    [
      "one token a word, but the longest would not fit",
      [4090, 4095],
      4096,
      { words: 4085, said: true },
    ],
    ["two tokens a word", [8180], null, { words: 2045, said: true }],
    ["two words a token", [2045], null, { words: 8180, said: true }],
    ["not counted", [], 4096, { words: 4090, said: false }],
  ])("%s", (_, counted, limit, expected) => {
    expect(lengths(counted, limit)).toEqual(expected);
  });

  test("prompts still begin with words of their own", () => {
    const { load } = fitToTokenizer(prefill!, [8180], null);
    expect(new Set(load.recorded.flat().map(({ prompt }) => prompt.split(" ")[0])).size).toBe(5);
  });

  test("decoding does not depend on the prompt's length", () => {
    expect(fitToTokenizer(decode!, [7], 4096)).toEqual({ load: decode, note: null });
  });
});

test("legacy: one request as given, long enough for the steps", () => {
  const { loads } = plan({ kind: "legacy", prompt: "Hello", activeSteps: 20 });
  expect(loads).toHaveLength(1);
  expect(loads[0]).toMatchObject({ stage: "all", asked: null, windowSteps: 20 });
  expect(loads[0]!.recorded).toEqual([[{ prompt: "Hello", outputTokens: 160 }]]);
});

test.each(["prefill", "decode"] as const)("only %s", (kind) => {
  expect(plan({ kind }).loads.map(({ stage }) => stage)).toEqual([kind]);
});
