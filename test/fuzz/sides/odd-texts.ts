import type { Random } from "../random.ts";

/** Names that mean something to JavaScript, to a terminal, to a page, to a shell or to a file system. */
export const ODD_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "",
  " ",
  "..",
  "../../../../etc/passwd",
  "/etc/passwd",
  "a/b",
  "a\\b",
  "con",
  "-rf",
  "--output",
  "$(touch pwned)",
  "`id`",
  "%s%n%d",
  "a\u0000b",
  "a\nb",
  "\r\n::error::pwned",
  "##[error]pwned",
  "##vso[task.setvariable]x",
  "\u001b[2J\u001b]0;pwned\u0007",
  "\u202egnp.exe",
  "\u2066\u2069\u200f\u061c",
  "\u115f\u3164\uffa0\u2800",
  "\u{e0041}\u{e0042}",
  "\ufeff",
  "\ud800",
  "\udc00\ud800",
  "e\u0301\u0327\u0323",
  "ﷺ",
  "<script>alert(1)</script>",
  "</script><svg onload=alert(1)>",
  "[x](javascript:alert(1))",
  "![x](http://127.0.0.1:1/x)",
  "| a | b |",
  "*".repeat(300),
  "x".repeat(100_000),
  "𝒳".repeat(5_000),
];

export const ODD_NUMBERS: readonly string[] = [
  "0",
  "-0",
  "-1",
  "1e999",
  "-1e999",
  "1e-999",
  "9007199254740993",
  "99999999999999999999999999",
  "4294967296",
  "2147483648",
  "0.1e1000000000",
  "1.7976931348623157e308",
  "5e-324",
  "9".repeat(400),
];

const ODD_JSON: readonly string[] = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "[null]",
  "[[[]]]",
  '{"__proto__": {"x": 1}}',
  '{"constructor": {"prototype": {"x": 1}}}',
  '{"length": 1e9}',
  '{"toString": 1, "valueOf": 2, "then": 3}',
  "[1, 2, 3]",
  '["a", null, {}]',
];

export const oddJson = (random: Random): string =>
  random.pick([
    () => random.pick(ODD_JSON),
    () => random.pick(ODD_NUMBERS).replace(/^(?=9{400})/, ""),
    () => JSON.stringify(random.pick(ODD_NAMES)),
  ])();

/** A JSON text with some of its values, keys or both replaced by odd ones. */
export function mutatedJson(text: string, random: Random): string {
  const value: unknown = JSON.parse(text);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const walk = (one: unknown): void => {
    if (typeof one !== "object" || one === null || places.length > 5_000) return;
    for (const key of Object.keys(one)) {
      places.push({ holder: one as Record<string, unknown>, key });
      walk((one as Record<string, unknown>)[key]);
    }
  };
  walk(value);
  const odd: string[] = [];
  for (let left = 1 + random.below(4); left > 0 && places.length > 0; left--) {
    const { holder, key } = random.pick(places);
    if (random.chance(0.2)) delete holder[key];
    else {
      holder[key] = `@odd${odd.length}@`;
      odd.push(oddJson(random));
    }
  }
  return JSON.stringify(value).replace(/"@odd(\d+)@"/g, (_, at: string) => odd[Number(at)]!);
}

/** Ways in which a whole file is not what its reader hopes for, by name. */
export const ODD_FILES: Readonly<Record<string, (sound: string) => string | Uint8Array>> = {
  empty: () => "",
  blank: () => " \n\t\n",
  "byte order mark": (sound) => `\ufeff${sound}`,
  "line ends of Windows": (sound) => sound.replaceAll("\n", "\r\n"),
  "carriage returns": (sound) => sound.replaceAll("\n", "\r"),
  "UTF-16": (sound) => Buffer.from(`\ufeff${sound}`, "utf16le"),
  "invalid UTF-8": (sound) =>
    Buffer.concat([
      Buffer.from(sound.slice(0, sound.length / 2)),
      Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
      Buffer.from(sound.slice(sound.length / 2)),
    ]),
  "null bytes": (sound) => `${sound.slice(0, 40)}\0\0${sound.slice(40)}\0`,
  cut: (sound) => sound.slice(0, (2 * sound.length) / 3),
  twice: (sound) => sound + sound,
  "nested lists": () => "[".repeat(200_000),
  "nested objects": () => '{"a":'.repeat(100_000),
  "nested to the end": () => `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
  "one long line": () => "x".repeat(3_000_000),
  "many lines": () => "a: 1\n".repeat(300_000),
  "not of this kind": () => "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
  html: () => "<!doctype html><html><body>404 Not Found</body></html>",
  "a list of many": () => `[${"0,".repeat(400_000)}0]`,
  "a long key": () => `{"${"k".repeat(2_000_000)}": 1}`,
  "keys of prototypes": () =>
    '{"__proto__": {"isAdmin": true}, "constructor": {"prototype": {"x": 1}}, "toString": null, "hasOwnProperty": 1}',
  "the same key twice": () => '{"version": 1, "version": 2, "a": {}, "a": []}',
  // YAML
  "a bomb of aliases": () =>
    `a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 25 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`}, `.repeat(9)}]`).join("\n")}\n`,
  "an alias of itself": () => "version: 1\nrules: &a [*a]\nrepos: &b {b: *b}\n",
  "merge keys": () => "base: &b {<<: *b, a: 1}\nrules: {<<: [*b, *b]}\n",
  "tags of code": () =>
    'rules: !!js/function "function(){}"\ngpus: !!python/object/apply:os.system ["id"]\n',
  "many documents": () => "---\na: 1\n".repeat(20_000),
  "deep indentation": () =>
    Array.from({ length: 1_500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
  "deep flow": () => `a: ${"{a: ".repeat(3_000)}1${"}".repeat(3_000)}`,
  "keys that are lists": () => "? [a, b]\n: 1\n? {c: d}\n: 2\n",
  tabs: () => "a:\n\tb: 1\n\t\tc: 2\n",
  "odd scalars": () =>
    "a: .inf\nb: -.nan\nc: 0o777\nd: 2026-13-45\ne: 1e999\nf: ~\ng: !!binary AAAA\nversion: .nan\n",
};
