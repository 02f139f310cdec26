import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { JsonBalance } from "../../../src/capture/traces/json-balance.ts";
import { judgeTrace } from "../../../src/capture/traces/judge-trace.ts";
import { StepCounter } from "../../../src/capture/traces/step-counter.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const TEXT = `{"traceEvents": [${'{"ph": "X"},\n'.repeat(5000)}{}]}\n`;

async function verdictOf(content: string | Uint8Array, strict = false) {
  const path = join(temporaryFolder({ trace: content }), "trace");
  const { state, reason } = await judgeTrace(path, { strict });
  return reason === null ? state : `${state}: ${reason}`;
}

test("brackets without end are damage, and no memory is kept for them", async () => {
  const text = `${"[".repeat(1 << 20)}${"]".repeat(1 << 20)}`;
  expect(await verdictOf(text, true)).toBe("corrupt: its JSON is not one value");
});

describe("whether a trace is whole", () => {
  const zipped = gzipSync(TEXT);
  const damaged = Buffer.from(zipped);
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 8) ^ 0xff, damaged.length - 8);
  const early = "partial: the gzip stream ends early";

  test.each([
    ["complete gz", zipped, "complete"],
    ["half", zipped.subarray(0, zipped.length / 2), early],
    ["without trailer", zipped.subarray(0, zipped.length - 8), early],
    ["three bytes short", zipped.subarray(0, zipped.length - 3), early],
    ["header only", zipped.subarray(0, 10), early],
    ["wrong checksum", damaged, "corrupt: gzip: incorrect data check"],
    ["zero padding behind", Buffer.concat([zipped, Buffer.alloc(100)]), "complete"],
    ["two members", Buffer.concat([gzipSync('{"a":'), gzipSync("1}")]), "complete"],
    ["whole gz of cut JSON", gzipSync(TEXT.slice(0, 100)), "partial: its JSON has no end"],
    ["plain JSON", TEXT, "complete"],
    ["bare array", "[]", "complete"],
    ["cut JSON", TEXT.slice(0, TEXT.length - 10), "partial: its JSON has no end"],
    ["blank", " \n", "partial: its JSON has no end"],
    ["empty", "", "partial: its JSON has no end"],
  ])("%s", async (_, content, expected) => {
    expect(await verdictOf(content)).toBe(expected);
  });

  test("strict: interleaved writers show in the brackets", async () => {
    const interleaved = `${TEXT.slice(0, 500)}${TEXT.slice(300)}`;
    expect(await verdictOf(interleaved)).toBe("complete");
    expect(await verdictOf(interleaved, true)).toBe("corrupt: its JSON is not one value");
    expect(await verdictOf(TEXT, true)).toBe("complete");
  });

  test("an interruption rejects with its reason", async () => {
    const path = join(temporaryFolder({ trace: zipped }), "trace");
    const reason = new Error("enough");
    await expect(judgeTrace(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test.each([
  ["{}", true],
  ['{"a": "]}\\"{", "b": [1, {"c": []}]}', true],
  ["[[]", false],
  ["{]", false],
  ["{}{", false],
  ["{}{}", false],
  ['{"a": "x\ny"}', false],
  ["", false],
])("brackets of %s balance: %s", (text, balanced) => {
  for (const size of [1, 3, 100]) {
    const balance = new JsonBalance();
    for (let at = 0; at < text.length; at += size)
      balance.add(Buffer.from(text.slice(at, at + size)));
    expect(balance.balanced).toBe(balanced);
  }
});

describe("steps counted on the fly", () => {
  const event = (name: string, cat = "user_annotation") =>
    `  {\n    "ph": "X", "cat": "${cat}", "name": "${name}", "pid": 1, "tid": 1,\n    "ts": 1.5, "dur": 2\n  },\n`;
  const count = (text: string, size: number) => {
    const counter = new StepCounter();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) counter.add(bytes.subarray(at, at + size));
    return counter.finish();
  };
  const filler = `  {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "args": {"note": "step[DECODE"}},\n`;

  test.each([
    ["step[EXTEND bs=4 toks=4090]", { prefill: 1, decode: 0, mixed: 0 }],
    ["step[DECODE bs=32]", { prefill: 0, decode: 1, mixed: 0 }],
    ["step[MIXED bs=3 toks=80]", { prefill: 0, decode: 0, mixed: 1 }],
    ["step[DECODE bs=32] sample", null],
    ["step[IDLE bs=0]", null],
    ["step[VERIFY bs=32]", { prefill: 0, decode: 1, mixed: 0 }],
    ["step[TARGET_VERIFY bs=32]", { prefill: 0, decode: 1, mixed: 0 }],
    ["step[DRAFT bs=32]", null],
    ["step[WHATEVER bs=32]", null],
    ["execute_context_1(888)_generation_0(0)", { prefill: 1, decode: 0, mixed: 0 }],
    ["execute_context_0(0)_generation_32(32)", { prefill: 0, decode: 1, mixed: 0 }],
    ["execute_context_9(900)_generation_37(37)", { prefill: 0, decode: 0, mixed: 1 }],
    ["execute_context_0_generation_1", { prefill: 0, decode: 1, mixed: 0 }],
    [
      "execute_8192_context_9(sq8155sk9)_generation_37(sq37sk1)",
      { prefill: 0, decode: 0, mixed: 1 },
    ],
    ["execute_new_0_cached_3", { prefill: 0, decode: 1, mixed: 0 }],
    ["execute_model", null],
  ])("%s", (name, expected) => {
    expect(count(event(name), 1 << 20)).toEqual(expected);
  });

  test("the GPU's copies of a span do not count", () => {
    const text = event("step[DECODE bs=1]") + event("step[DECODE bs=1]", "gpu_user_annotation");
    expect(count(text, 1 << 20)).toEqual({ prefill: 0, decode: 1, mixed: 0 });
  });

  test.each([64, 100, 511, 512, 513, 1000, 4096])(
    "chunks of %i bytes lose and double nothing",
    (size) => {
      const text = Array.from(
        { length: 300 },
        (_, index) =>
          filler.repeat(index % 5) +
          event(index % 3 === 0 ? "step[EXTEND bs=1 toks=9]" : "step[DECODE bs=1]"),
      ).join("");
      expect(count(text, size)).toEqual({ prefill: 100, decode: 200, mixed: 0 });
    },
  );

  test("a written file gives the same count plain and compressed", async () => {
    const text = `{"traceEvents": [\n${event("step[DECODE bs=1]").repeat(7)}{}]}`;
    const folder = temporaryFolder({ "a.json": text });
    writeFileSync(join(folder, "b.json.gz"), gzipSync(text));
    for (const name of ["a.json", "b.json.gz"])
      expect((await judgeTrace(join(folder, name))).steps).toEqual({
        prefill: 0,
        decode: 7,
        mixed: 0,
      });
  });
});
