import type { Random } from "./random.ts";

/** Spellings of values that some reader might trip over; all but the last few are JSON. */
const VALUES = [
  "0",
  "-0",
  "-1",
  "1e3",
  "1E-400",
  "1e999",
  "-1.5e+3",
  "9007199254740993",
  "18446744073709551615",
  "-9223372036854775808",
  "123456789012345678901234567890",
  "0.1234567890123456789",
  "-0.0005",
  "1661203462598738.9996",
  `1${"0".repeat(400)}`,
  "null",
  "true",
  "false",
  '""',
  '"7"',
  '"NaN"',
  '"\\u0000"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\"}]{[,:"',
  '"\\\\"',
  '"\\/\\b\\f\\n\\r\\t"',
  '"\u202e\u200b\u2028\ufeff"',
  '"😀 é 名"',
  '"__proto__"',
  "[]",
  "{}",
  "[[[[]]]]",
  '[{"ph": "X"}, {"ph": "X", "ts": 1}]',
  '{"ph": "X", "cat": "kernel", "ts": 1, "dur": 1}',
  '{"__proto__": {"ph": "X"}, "constructor": null}',
  "[1, [2, {}], null]",
  "NaN",
  "-Infinity",
  "Infinity",
];
const BROKEN_VALUES = [
  "01",
  "1.",
  ".5",
  "-",
  "+1",
  "1e",
  "--1",
  "0x10",
  "nan",
  "undefined",
  "'a'",
  '"\\x41"',
  '"\\u12"',
  '"a\nb"',
  '"a\u0000b"',
  '"unclosed',
  "[1,]",
  "{,}",
  "[1}",
  "{]",
  "",
  "-NaN",
  "tru",
];
const KEYS = [
  "ph",
  "cat",
  "name",
  "pid",
  "tid",
  "ts",
  "dur",
  "args",
  "traceEvents",
  "device",
  "stream",
  "correlation",
  "External id",
  "grid",
  "Input Dims",
  "Collective name",
  "__proto__",
  "constructor",
  "\\u0074s",
  "",
  "deviceProperties",
  "distributedInfo",
];
const BLANKS = [" ", "\n", "\r\n", "\t", "    ", "", " \t\r\n "];
const BYTES = [...'"\\{}[],:0-e.+NXtf \n\u0000\u001b'].map((char) => char.charCodeAt(0));

type TextMutation = (text: string, random: Random) => string;

/** A token of JSON text: strings, numbers and words, brackets and punctuation, runs of blanks. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[-+\w.]+|[{}[\],:]|\s+/g;

/** Changes that leave JSON JSON. */
export const WHOLE_MUTATIONS: Readonly<Record<string, TextMutation>> = {
  value: (text, random) => replaceValue(text, random, random.pick(VALUES)),
  key: (text, random) => replaceKey(text, random, random.pick(KEYS)),
  "duplicate member": (text, random) => duplicateMember(text, random),
  member: (text, random) =>
    behindOpening(text, random, `"${random.pick(KEYS)}": ${random.pick(VALUES)}, `),
  blanks: (text, random) =>
    text.replace(TOKEN, (token) =>
      /^[{,:[]/.test(token) && random.chance(0.1) ? token + random.pick(BLANKS) : token,
    ),
  compact: (text) => text.replace(TOKEN, (token) => (/^\s/.test(token) ? "" : token)),
  "byte order mark": (text) => `\uFEFF${text}`,
  nested: (text, random) => {
    const depth = random.below(300) + 1;
    return replaceValue(text, random, "[".repeat(depth) + "]".repeat(depth));
  },
  escaped: (text, random) =>
    text.replace(/"[^"\\]*"/g, (string) => (random.chance(0.05) ? escaped(string) : string)),
};

/** Changes that mostly do not. */
export const BREAKING_MUTATIONS: Readonly<Record<string, TextMutation>> = {
  "broken value": (text, random) => replaceValue(text, random, random.pick(BROKEN_VALUES)),
  "token lost": (text, random) => editTokens(text, random, () => ""),
  "token twice": (text, random) => editTokens(text, random, (token) => token + token),
  "tokens swapped": (text, random) => {
    const other = random.pick(text.match(TOKEN) ?? [""]);
    return editTokens(text, random, () => other);
  },
  "piece lost": (text, random) => {
    const [from, to] = random.places(text.length, 2);
    return text.slice(0, from) + text.slice(Math.min(to!, from! + random.below(200)));
  },
  "piece twice": (text, random) => {
    const [from, to, at] = [...random.places(text.length, 2), random.below(text.length)];
    const piece = text.slice(from, Math.min(to!, from! + 400));
    return text.slice(0, at) + piece + text.slice(at);
  },
  garbage: (text, random) =>
    `${text}${random.pick(['{"traceEvents": []}', "]", "x", "\u0000", text])}`,
};

/** Changes of single bytes; UTF-8 breaks too. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const count = 1 + random.below(4);
  for (let i = 0; i < count && changed.length > 0; i++) {
    const at = random.below(changed.length);
    changed[at] = random.chance(0.5)
      ? random.pick(BYTES)
      : random.chance(0.5)
        ? random.below(256)
        : changed[at]! ^ (1 << random.below(8));
  }
  return changed;
}

/** Places of tokens that stand where a value may: behind a colon. */
function replaceValue(text: string, random: Random, value: string): string {
  const values = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|[-+\w.]+)/g)];
  if (values.length === 0) return value;
  const { index, 0: all, 1: old } = random.pick(values);
  const at = index + all.length - old!.length;
  return text.slice(0, at) + value + text.slice(at + old!.length);
}

function replaceKey(text: string, random: Random, key: string): string {
  const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)/g)];
  if (keys.length === 0) return text;
  const { index, 0: old } = random.pick(keys);
  return `${text.slice(0, index)}"${key}"${text.slice(index + old.length)}`;
}

function duplicateMember(text: string, random: Random): string {
  const members = [...text.matchAll(/("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|[-+\w.]+)/g)];
  if (members.length === 0) return text;
  const { index, 1: key } = random.pick(members);
  const value = random.chance(0.5) ? random.pick(VALUES) : random.pick(members)[2]!;
  return `${text.slice(0, index)}${key}: ${value}, ${text.slice(index)}`;
}

function behindOpening(text: string, random: Random, member: string): string {
  const opens = [...text.matchAll(/\{(?=\s*")/g)];
  if (opens.length === 0) return text;
  const { index } = random.pick(opens);
  return text.slice(0, index + 1) + member + text.slice(index + 1);
}

function editTokens(text: string, random: Random, edit: (token: string) => string): string {
  const tokens = [...text.matchAll(TOKEN)];
  if (tokens.length === 0) return text;
  const { index, 0: token } = random.pick(tokens);
  return text.slice(0, index) + edit(token) + text.slice(index + token.length);
}

function escaped(string: string): string {
  const units = string.slice(1, -1).split("");
  return `"${units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
}
