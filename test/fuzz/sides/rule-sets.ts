import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Random } from "../random.ts";
import { ODD_FILES, ODD_NAMES, ODD_NUMBERS } from "./odd-texts.ts";

/** Fills an empty folder with rules that somebody means ill with. */
export type RuleKind = (folder: string, random: Random) => void;

const SOUND = readdirSync("rules", { recursive: true, encoding: "utf8" })
  .filter((name) => /^(fuse|overlap|work)\/.*\.fuse$/.test(name))
  .sort();

const RULE = "fuse/generic/odd.fuse";

/** A rule that a class, a guard, a pattern or a test of an attack stands in. */
const rule = (parts: { head?: string; when?: string; states?: string; tail?: string }): string =>
  `fuse 1

${parts.head ?? ""}
let one = name "*one_kernel*"
let two = name "*two_kernel*"

rule odd : fusion {
  title "An odd one"
  status experimental
  owner "@fuse-triage/odd"
  source pytorch "aten/src/odd.cu#odd_kernel"

  when {
    ${parts.when ?? "vendor = nvidia"}
  }

  ${parts.states ?? "active one as fused\n  split one as a -> two as b"}

  verdict active "Fused ({count}x)."
  verdict split "Not fused ({count}x)."
  ${parts.tail ?? ""}
}
`;

const text =
  (of: (random: Random) => string, path = RULE): RuleKind =>
  (folder, random) =>
    put(folder, path, of(random));

function put(folder: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const many = (count: number, of: (index: number) => string, between = "\n"): string =>
  Array.from({ length: count }, (_, index) => of(index)).join(between);

/** A test of as many kernels as one may have, which the patterns above could pair in ever so many ways. */
function crowd(random: Random): string {
  const rows = many(
    100,
    () => `on ${random.pick(["main", "side"])} "${random.pick(["one", "two"])}_kernel" 1us`,
  );
  return `test "crowd" {\n given vendor nvidia\n repeat 100 {\n${rows}\n}\n expect match split\n}`;
}

const quoted = (name: string): string => `"${name.replace(/["\\]/g, "\\$&")}"`;

/** Every kind of attack that a folder of rules can be, by name. */
export const RULE_KINDS: Readonly<Record<string, RuleKind>> = {
  "brackets in a class": text(() =>
    rule({ head: `let deep = ${"(".repeat(20_000)}one${")".repeat(20_000)}` }),
  ),
  "brackets that do not close": text(() => rule({ head: `let deep = ${"(".repeat(50_000)}` })),
  "a class of many nots": text(() => rule({ head: `let deep = ${"not ".repeat(20_000)}one` })),
  "a long or": text(() => rule({ head: `let long = ${many(10_000, () => "one", " or ")}` })),
  "alternating and, or": text(() =>
    rule({ head: `let long = ${"(one and (two or ".repeat(500)}one${"))".repeat(500)}` }),
  ),
  "classes that double": text(() =>
    rule({
      head: `let d0 = one or two\n${many(60, (i) => `let d${i + 1} = (d${i} and not two) or (d${i} and not one)`)}`,
      states: "active d60 as fused",
    }),
  ),
  "a chain of classes": text(() =>
    rule({
      head: `let c0 = one\n${many(6_000, (i) => `let c${i + 1} = c${i} or two`)}`,
      states: "active c6000 as fused",
    }),
  ),
  "classes in a circle": text(() => rule({ head: "let a = b\nlet b = c or one\nlet c = not a" })),
  "the same class twice": text(() => rule({ head: many(500, () => 'let a = name "*a*"') })),
  "globs of stars": text(() =>
    rule({ head: `let stars = name "${"*a".repeat(2_000)}*" | "${"*".repeat(20_000)}x"` }),
  ),
  "many globs": text(() =>
    rule({ head: `let globs = name ${many(20_000, (i) => `"*k${i}_kernel*"`, " | ")}` }),
  ),
  "a glob of a megabyte": text(() => rule({ head: `let big = name "*${"x".repeat(900_000)}*"` })),
  "globs with odd letters": text((random) =>
    rule({ head: many(20, (i) => `let o${i} = name ${quoted(random.pick(ODD_NAMES))}`) }),
  ),
  "many comments": text(() => `${"// one more\n".repeat(40_000)}${rule({})}`),
  "comments that hold": text((random) =>
    rule({ head: many(300, () => `// ${random.pick(ODD_NAMES).replaceAll("\n", " ")}`) }),
  ),
  "a comment of a megabyte": text(() => `// ${"x".repeat(900_000)}\n${rule({})}`),
  "many remarks switched off": text(() =>
    rule({ head: many(5_000, () => "// lint-ignore short-glob: because\n") }),
  ),
  "blank lines": text(() => `${"\n".repeat(500_000)}${rule({})}`),
  "an open string": text(() => `${rule({})}\nlet a = name "*${"y".repeat(100_000)}`),
  "words without end": text(() => rule({ head: `let ${"w".repeat(500_000)} = one` })),
  "names of prototypes": text(() =>
    rule({
      head: many(
        5,
        (i) => `let ${["__proto__", "constructor", "toString", "valueOf", "prototype"][i]} = one`,
      ),
      states: "active __proto__ as constructor\n  split one as toString -> two as __proto__",
    }),
  ),
  "a rule called by a prototype": text(
    () => rule({}).replace("rule odd", "rule __proto__"),
    "fuse/generic/__proto__.fuse",
  ),
  "ids that are paths": text((random) =>
    rule({}).replace("rule odd", `rule ${random.pick(ODD_NAMES)}`),
  ),
  "odd texts everywhere": text((random) =>
    rule({
      tail: `advice split ${quoted(random.pick(ODD_NAMES))}\n  toggle ${quoted(random.pick(ODD_NAMES))}`,
    })
      .replace('"An odd one"', quoted(random.pick(ODD_NAMES)))
      .replace('"Fused ({count}x)."', quoted(random.pick(ODD_NAMES)))
      .replace("@fuse-triage/odd", random.pick(ODD_NAMES)),
  ),
  "odd sources": text((random) =>
    rule({}).replace(
      '"aten/src/odd.cu#odd_kernel"',
      quoted(
        `${random.pick(ODD_NAMES)}#${random.pick(["(a+)+$", "[", "__proto__", "x".repeat(9_999)])}`,
      ),
    ),
  ),
  "placeholders in placeholders": text(() =>
    rule({ tail: `advice split "${"{".repeat(5_000)}count${"}".repeat(5_000)}"` }),
  ),
  "odd numbers": text((random) => {
    const number = () => random.pick(ODD_NUMBERS);
    return rule({
      states: `split one as a -> [skip ${number()}, gap ${number()}ms] two as b\n  repeat >= ${number()}`,
      tail: `report share >= ${number()}%`,
    });
  }),
  "a long chain": text(() =>
    rule({ states: `split ${many(3_000, (i) => `${i % 2 ? "one" : "two"} as s${i}`, "\n  -> ")}` }),
  ),
  "a chain that may skip all": text((random) => {
    const steps = random.pick([8, 40, 64, 65]);
    return rule({
      states: `split ${many(steps, (i) => `${i % 2 ? "one" : "two"} as s${i}`, `\n  -> [skip ${random.pick([8, 64, 65])}] `)}`,
      tail: crowd(random),
    });
  }),
  "many in any order": text((random) => {
    const steps = random.pick([6, 10, 60, 64]);
    return rule({
      states: `split any-order { ${many(steps, (i) => `${i % 2 ? "one" : "two"} as s${i}`, ", ")} } within ${random.pick([64, 1024, 99999])} kernels`,
      tail: crowd(random),
    });
  }),
  "one beside another, in a crowd": text((random) =>
    rule({
      states: "active overlap one as fused with two as other >= 1%\n  split one as a -> two as b",
      tail: crowd(random),
    }).replace(": fusion", ": overlap"),
  ),
  "many guards": text(() =>
    rule({ when: many(5_000, (i) => `model like "*m${i}*" except "*n${i}*"`) }),
  ),
  "guards of many values": text(() =>
    rule({ when: many(60, () => `tp in [${many(200, (i) => `${i}`, ", ")}]`) }),
  ),
  "odd guards": text((random) =>
    rule({
      when: many(
        20,
        () =>
          `${random.pick(["__proto__", "tp", "arch", "model", "constructor"])} >= ${random.pick(ODD_NUMBERS)}`,
      ),
    }),
  ),
  "a test of many kernels": text(() =>
    rule({
      tail: `test "many" {\n given vendor nvidia\n ${many(8_000, (i) => `on main "void ${i % 2 ? "one" : "two"}_kernel<${i}>" 1us`)}\n expect match split\n}`,
    }),
  ),
  "a test that repeats": text((random) =>
    rule({
      tail: `test "again" {\n given vendor nvidia\n repeat ${random.pick(["1000000", "99999999999", "0", "1e9"])} {\n repeat 1000000 {\n on main "one_kernel" 1us\n}\n}\n expect match active\n}`,
    }),
  ),
  "a test of odd times": text((random) =>
    rule({
      tail: `test "late" {\n given vendor nvidia\n on main "one_kernel" ${random.pick(ODD_NUMBERS)}us after ${random.pick(ODD_NUMBERS)}s\n expect match active ${random.pick(ODD_NUMBERS)} times\n}`,
    }),
  ),
  "tests like one another": text(() =>
    rule({
      tail: many(300, (i) => `test "t${i}" like "t${(i + 1) % 300}" {\n expect no match\n}`),
    }),
  ),
  "many rules": (folder) => {
    for (let i = 0; i < 400; i++)
      put(folder, `fuse/generic/odd${i}.fuse`, rule({}).replace("rule odd", `rule odd${i}`));
  },
  "rules that conflict with all": (folder) => {
    for (let i = 0; i < 120; i++)
      put(
        folder,
        `fuse/generic/odd${i}.fuse`,
        rule({
          tail: `subsumes ${many(120, (j) => `odd${j}`, ", ")}\n  conflicts odd${i}`,
        }).replace("rule odd", `rule odd${i}`),
      );
  },
  "imports in a circle": (folder) => {
    put(folder, "lib/a.fuse", 'fuse 1\nimport "lib/b.fuse" as b\nlet x = b.x\n');
    put(folder, "lib/b.fuse", 'fuse 1\nimport "lib/a.fuse" as a\nlet x = a.x\n');
    put(folder, RULE, rule({ head: 'import "lib/a.fuse" as a\nlet y = a.x' }));
  },
  "a chain of imports": (folder) => {
    for (let i = 0; i < 600; i++)
      put(
        folder,
        `lib/l${i}.fuse`,
        `fuse 1\n${i < 599 ? `import "lib/l${i + 1}.fuse" as next\nlet x = next.x\n` : 'let x = name "*x*"\n'}`,
      );
    put(folder, RULE, rule({ head: 'import "lib/l0.fuse" as l\nlet y = l.x' }));
  },
  "imports from elsewhere": text((random) =>
    rule({ head: many(10, (i) => `import ${quoted(random.pick(ODD_NAMES))} as i${i}`) }),
  ),
  "work without bottom": text(
    () =>
      `fuse 2\n\nwork odd {\n title "x"\n op "aten::mm"\n let n = ${"(".repeat(5_000)}1${")".repeat(5_000)}\n flops ${many(5_000, () => "n", " * ")}\n}\n`,
    "work/odd.fuse",
  ),
  "work with odd numbers": text(
    (random) =>
      `fuse 2\n\nwork odd {\n title "x"\n op ${quoted(random.pick(ODD_NAMES))}\n let n = input[${random.pick(ODD_NUMBERS)}].dims[${random.pick(ODD_NUMBERS)}] / 0\n flops n * ${random.pick(ODD_NUMBERS)}\n bytes -n\n}\n`,
    "work/odd.fuse",
  ),
  "files of many kinds": (folder, random) => {
    for (let i = 0; i < 6; i++) {
      const [name, make] = random.pick(Object.entries(ODD_FILES));
      put(folder, `fuse/generic/${name.replaceAll(" ", "-")}.fuse`, make(rule({})));
    }
  },
  "texts cut, doubled and mixed": (folder, random) => {
    cpSync("rules/lib", join(folder, "lib"), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const path = random.pick(SOUND);
      put(folder, path, mixed(readFileSync(join("rules", path), "utf8"), random));
    }
  },
  "a library cut, doubled and mixed": (folder, random) => {
    cpSync("rules/lib", join(folder, "lib"), { recursive: true });
    const name = random.pick(readdirSync("rules/lib").filter((one) => one.endsWith(".fuse")));
    put(folder, `lib/${name}`, mixed(readFileSync(`rules/lib/${name}`, "utf8"), random));
    for (let i = 0; i < 4; i++) {
      const path = random.pick(SOUND);
      put(folder, path, readFileSync(join("rules", path)));
    }
  },
  "a pipe": (folder) => {
    put(folder, RULE, rule({}));
    execFileSync("mkfifo", [join(folder, "fuse/pipe.fuse")]);
  },
  "a device": (folder) => {
    put(folder, RULE, rule({}));
    symlinkSync("/dev/zero", join(folder, "fuse/zero.fuse"));
  },
  "links in a circle": (folder) => {
    put(folder, RULE, rule({}));
    symlinkSync("..", join(folder, "fuse/up"));
    symlinkSync("loop.fuse", join(folder, "fuse/loop.fuse"));
  },
  "a link to nowhere": (folder) => {
    put(folder, RULE, rule({}));
    symlinkSync("/no/such/file", join(folder, "fuse/gone.fuse"));
  },
  "a link out": (folder) => {
    put(folder, RULE, rule({}));
    symlinkSync("/", join(folder, "fuse/root"));
  },
  "a folder called as a file": (folder) => {
    put(folder, RULE, rule({}));
    mkdirSync(join(folder, "fuse/folder.fuse"));
  },
  "deep folders": (folder) => put(folder, `${"d/".repeat(300)}odd.fuse`, rule({})),
  "a large file of nothing": (folder) => {
    put(folder, RULE, rule({}));
    put(folder, "lib/large.fuse", "");
    truncateSync(join(folder, "lib/large.fuse"), 2 ** 33);
  },
  "a forged pack": (folder, random) => {
    put(folder, RULE, rule({}));
    const forged = random.pick([
      '{"rules": []}',
      "[".repeat(100_000),
      '{"fingerprint": "x", "digest": "y", "ruleSet": {"rules": [{"id": "__proto__"}]}}',
      "",
      "x".repeat(1_000_000),
    ]);
    for (const name of [".rules-pack.json", ".fuse-pack.json", ".policy-pack.json", "rules.pack"])
      put(folder, name, forged);
  },
  "an odd policy": (folder, random) => {
    put(folder, RULE, rule({}));
    for (const name of ["fuse", "overlap", "similarity"]) {
      const sound = readFileSync(`rules/policy/${name}.yaml`, "utf8");
      put(folder, `policy/${name}.yaml`, oddYaml(sound, random));
    }
  },
  "an odd source lock": (folder, random) => {
    put(folder, RULE, rule({}));
    const sound = readFileSync("references/sources.lock.yaml", "utf8").slice(0, 20_000);
    put(folder, "sources.lock.yaml", oddYaml(sound, random));
  },
};

function oddYaml(sound: string, random: Random): string | Uint8Array {
  const [, make] = random.pick(Object.entries(ODD_FILES));
  if (random.chance(0.4)) return make(sound);
  const lines = sound.split("\n");
  for (let i = 0; i < 4; i++) {
    const at = random.below(lines.length);
    const odd = random.chance(0.5)
      ? random.pick(ODD_NUMBERS)
      : JSON.stringify(random.pick(ODD_NAMES));
    lines[at] = random.pick([
      () => lines[at]!.replace(/:.*$/, () => `: ${odd}`),
      () => lines[at]!.replace(/[\w-]+:/, () => `${odd}:`),
      () => `${lines[at]}\n${lines[at]}`,
      () => "",
    ])();
  }
  return lines.join("\n");
}

/** What a slip, a merge or a machine would make of a rule's text. */
function mixed(sound: string, random: Random): string {
  let result = sound;
  for (let left = 1 + random.below(5); left > 0; left--) {
    const words = result.split(/(?<=\s)|(?=\s)/);
    const at = random.below(words.length);
    const other = random.below(words.length);
    words[at] = random.pick([
      () => "",
      () => words[at]!.repeat(1 + random.below(50)),
      () => words[other]!,
      () => random.pick(ODD_NUMBERS),
      () => random.pick(ODD_NAMES),
      () => quoted(random.pick(ODD_NAMES)),
      () => random.pick(["{", "}", "(", ")", "[", "]", "->", "|", ",", '"', "//", "not", "repeat"]),
    ])();
    result = words.join("");
  }
  return result;
}
