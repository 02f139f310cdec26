import fc from "fast-check";

/**
 * Trace documents as text: mostly events in a recorder's usual spelling, among them every oddity
 * JSON allows (key order, blanks, escapes, number spellings, odd types, duplicate keys) and NaN.
 */
export function randomDocument(options: { readonly nan: boolean }): fc.Arbitrary<string> {
  const element = fc.oneof(
    { weight: 8, arbitrary: usualEvent() },
    { weight: 3, arbitrary: oddEvent(options.nan) },
    { weight: 1, arbitrary: oddValue(options.nan, 2) },
  );
  const events = fc.tuple(blank, fc.array(element, { maxLength: 12 }), blank).map(list);
  return fc
    .record({
      before: fc.array(member(options.nan), { maxLength: 2 }),
      events,
      key: fc.constantFrom('"traceEvents"', '"traceEvents"', '"\\u0074raceEvents"'),
      after: fc.array(member(options.nan), { maxLength: 2 }),
      bare: fc.integer({ max: 9, min: 0 }).map((number) => number === 0),
      bom: fc.boolean(),
      gap: blank,
    })
    .map(({ before, events, key, after, bare, bom, gap }) => {
      const members = [...before, `${key}${gap}:${gap}${events}`, ...after];
      const document = bare ? events : `{${gap}${members.join(`${gap},`)}${gap}}`;
      return `${bom ? "\uFEFF" : ""}${gap}${document}${gap}`;
    });
}

const blank = fc.constantFrom("", "", " ", "\n", "\r\n  ", "\t ");

function list([before, items, after]: readonly [string, readonly string[], string]): string {
  return `[${before}${items.join(`${after},${before}`)}${after}]`;
}

const CATEGORIES = [
  "kernel",
  "gpu_memcpy",
  "cuda_runtime",
  "cpu_op",
  "python_function",
  "user_annotation",
  "gpu_user_annotation",
  "cuda_sync",
  "ac2g",
  "foreign",
];
const NAMES = ["aten::mm", "void k<int>(int)", "model.py(3): forward", "Memcpy DtoD", "é — 名", ""];
const TIMES = ["100.250", "7764763345297.118", "1661203462598738", "12", "0.001", "3.9996"];

/** As Kineto prints it, so that one layout follows another. */
function usualEvent(): fc.Arbitrary<string> {
  return fc
    .record({
      category: fc.constantFrom(...CATEGORIES),
      name: fc.constantFrom(...NAMES),
      tid: fc.constantFrom(7, 263, 0),
      ts: fc.constantFrom(...TIMES),
      dur: fc.constantFrom("1.5", "15.049", "0", "2"),
      id: fc.nat(1000),
      shapes: fc.constantFrom("[[1, 2], []]", "[[3]]", "[]"),
      withArguments: fc.boolean(),
    })
    .map(
      ({ category, name, tid, ts, dur, id, shapes, withArguments }) => `{
    "ph": "X", "cat": "${category}", "name": "${name}", "pid": 0, "tid": ${tid},
    "ts": ${ts}, "dur": ${dur}${withArguments ? argumentsOf(category, id, shapes) : ""}
  }`,
    );
}

function argumentsOf(category: string, id: number, shapes: string): string {
  if (category === "python_function") {
    return `,\n    "args": {\n      "Python id": ${id}, "Ev Idx": ${id}\n    }`;
  }
  if (category === "cpu_op") {
    return `,\n    "args": {\n      "External id": ${id},"Input type": ["int", ""], "Input Dims": ${shapes}\n    }`;
  }
  return `,\n    "args": {\n      "External id": ${id}, "device": 0, "stream": 7, "correlation": ${id}, "grid": [${id}, 1, 1], "block": [32, 1, 1]\n    }`;
}

const KEYS = ["ph", "cat", "name", "pid", "tid", "ts", "dur", "args", "id", "s", "\\u0074s", "x"];
const ARGUMENT_KEYS = [
  "correlation",
  "External id",
  "device",
  "stream",
  "grid",
  "block",
  "bytes",
  "Input Dims",
  "Input type",
  "Input Strides",
  "Concrete Inputs",
  "kernel",
  "kind",
  "name",
  "graph id",
  "graph node id",
  "wait_on_stream",
  "Collective name",
  "dtype",
  "corr\\u0065lation",
  "other",
  "__proto__",
];

/** Any keys in any order with values that fit them, or not. */
function oddEvent(nan: boolean): fc.Arbitrary<string> {
  const plain = fc.tuple(
    fc.constantFrom('"ph": "X"', '"ph": "B"', '"ph": "E"', '"ph": "M"', '"ph":"é"', '"ph": null'),
    fc.constantFrom(...CATEGORIES.map((category) => `"cat": "${category}"`), '"cat": 3'),
    fc.constantFrom(...TIMES.map((time) => `"ts": ${time}`)),
  );
  return fc
    .record({
      plain,
      keys: fc.array(fc.tuple(fc.constantFrom(...KEYS), oddValue(nan, 1)), { maxLength: 6 }),
      args: fc.array(fc.tuple(fc.constantFrom(...ARGUMENT_KEYS), oddValue(nan, 2)), {
        maxLength: 6,
      }),
      order: fc.nat(5),
      gap: blank,
    })
    .map(({ plain, keys, args, order, gap }) => {
      const object = `{${args.map(([key, value]) => `"${key}"${gap}:${value}`).join(`${gap},`)}}`;
      const members = [...plain, ...keys.map(([key, value]) => `"${key}":${gap}${value}`)];
      members.splice(order % (members.length + 1), 0, `"args":${gap}${object}`);
      return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`;
    });
}

const NUMBERS = [
  "0",
  "-0",
  "7",
  "-1",
  "-5",
  "1.5",
  "1e3",
  "1.25E+2",
  "100.0005",
  "0.00000001",
  "123456789012345",
  "1234567890123456",
  "9007199254740993",
  "-9007199254740993",
  "18446744073709551615",
  "1661203462598738.123",
  "1e400",
];
const STRINGS = [
  '""',
  '"7"',
  '"a\\"b"',
  '"\\u00e9"',
  '"é"',
  '"\\ud800"',
  '"\\\\"',
  '"}{]["',
  '"x,y"',
];

function oddValue(nan: boolean, depth: number): fc.Arbitrary<string> {
  const words = nan ? ["true", "false", "null", "NaN", "-Infinity", "Infinity"] : ["true", "null"];
  const leaf = fc.constantFrom(...NUMBERS, ...STRINGS, ...words);
  if (depth === 0) return leaf;
  const inner = oddValue(nan, depth - 1);
  const items = fc.tuple(blank, fc.array(inner, { maxLength: 3 }), blank).map(list);
  const object = fc
    .array(fc.tuple(fc.constantFrom('"a"', '"ph"', '"ts"', '""'), inner), { maxLength: 3 })
    .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(", ")}}`);
  return fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: items }, object);
}

function member(nan: boolean): fc.Arbitrary<string> {
  const key = fc.constantFrom("schemaVersion", "with_stack", "deviceProperties", "traceName", "m");
  return fc.tuple(key, oddValue(nan, 2)).map(([name, value]) => `"${name}": ${value}`);
}
