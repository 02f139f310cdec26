import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { exportsOf, importsOf, readText, typescriptBelow } from "./support/module-exports.ts";

/** Layers never import each other: they meet in `model` (the nouns), in `pipeline` and in `commands` (the order). */
const MAY_IMPORT: Record<string, readonly string[]> = {
  // Tools that know nothing of traces or rules.
  base: ["base"],
  model: ["model", "base"],
  // How a kernel is called is one question for a trace, a rule and a rule's test.
  names: ["names", "model", "base"],
  ingest: ["ingest", "names", "model", "base"],
  dsl: ["dsl", "names", "model", "base"],
  engine: ["engine", "names", "model", "base"],
  report: ["report", "model", "base"],
  diff: ["diff", "model", "base"],
  // Noise is one question for two traces and for two builds.
  fleet: ["fleet", "diff", "model", "base"],
  capture: ["capture", "model", "base"],
  // The page takes its wording from the formats: they say the same of one report.
  viewer: ["viewer", "report", "model", "base"],
  // These order the layers, so they may see them.
  pipeline: ["pipeline", "ingest", "dsl", "engine", "report", "model", "base"],
  threads: ["threads", "pipeline", "engine", "dsl", "model", "base"],
  commands: [
    "commands",
    "threads",
    "pipeline",
    "ingest",
    "dsl",
    "engine",
    "report",
    "diff",
    "fleet",
    "model",
    "base",
  ],
  // An editor asks what the commands answer, and the tree where things stand.
  "language-server": ["language-server", "commands", "pipeline", "dsl", "model", "base"],
  // Agents ask what the commands answer, cut to a budget.
  mcp: ["mcp", "commands", "pipeline", "diff", "report", "model", "base"],
  library: ["library", "commands", "diff", "report", "model", "base"],
};

test("every folder under src has a row in the table", () => {
  const folders = readdirSync("src").filter((name) => statSync(join("src", name)).isDirectory());
  expect(folders.filter((name) => name !== "cli" && MAY_IMPORT[name] === undefined)).toEqual([]);
});

test("no two layers import each other", () => {
  const pairs = Object.entries(MAY_IMPORT).flatMap(([layer, allowed]) =>
    allowed
      .filter((other) => other !== layer && MAY_IMPORT[other]?.includes(layer))
      .map((other) => `${layer} <-> ${other}`),
  );
  expect(pairs).toEqual([]);
});

test("only the library's entry lies directly under src", () => {
  expect(readdirSync("src").filter((name) => statSync(join("src", name)).isFile())).toEqual([
    "index.ts",
  ]);
});

const layers = Object.entries(MAY_IMPORT).filter(([layer]) => existsSync(join("src", layer)));

test.each(layers)("%s imports only what its row allows", (layer, allowed) => {
  const strays: string[] = [];
  for (const name of readdirSync(`src/${layer}`, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(name)) continue;
    const file = join("src", layer, name);
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(
      /(?:from|import\()\s*"(\.[^"]+)"/g,
    )) {
      const to = normalize(join(dirname(file), target)).split("/")[1] ?? "";
      if (!allowed.includes(to)) strays.push(`${file} -> ${target}`);
    }
  }
  expect(strays).toEqual([]);
});

test("only src/cli touches process exit codes and the console", () => {
  const strays: string[] = [];
  for (const name of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.startsWith("cli/")) continue;
    const file = join("src", name);
    if (/\bprocess\.(exit|stdout|stderr|exitCode)\b|\bconsole\./.test(readFileSync(file, "utf8")))
      strays.push(file);
  }
  expect(strays).toEqual([]);
});

/** Where files are opened: what others wrote is read through the first, which refuses what never ends. */
const OPENING: Readonly<Record<string, string>> = {
  "src/base/regular-file.ts": "the one guarded way to read what others wrote",
  "src/base/files/package-files.ts": "reads what this package ships",
  "src/base/files/write-whole.ts": "writes",
  "src/cli/terminal/output-pieces.ts": "writes",
  "src/capture/matrix/server-log.ts": "writes",
  "src/capture/run/prepare-directory.ts": "opens folders that it has just made",
  "src/ingest/files/stored.ts": "reads pipes that the user named, in the background",
  "src/dsl/compiler-fingerprint.ts": "reads its own sources where the program is not built",
};

test("files are opened in a few places, and what others wrote in one", () => {
  const OPENS =
    /\b(?:createReadStream|createWriteStream|readFile|readFileSync|openSync|openAsBlob|writeFile|writeFileSync|appendFile\w*|copyFileSync|cpSync|fs\.open|FileHandle)\b|\bimport \{[^}]*\bopen\b[^}]*\} from "node:fs\/promises"/;
  const opening = typescriptBelow("src").filter((path) => OPENS.test(readText(path)));
  expect(opening.sort()).toEqual(Object.keys(OPENING).sort());
});

test("one function compares texts", () => {
  // A comparison that never says "equal" leaves the order of equals to the sort.
  const INLINE = /<[^<>?;]*\? -1 : 1\b|localeCompare/;
  const strays = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && name !== "base/compare-text.ts")
    .filter((name) => INLINE.test(readFileSync(join("src", name), "utf8")));
  expect(strays).toEqual([]);
});

test("one function searches by halves", () => {
  const strays = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && name !== "base/first-index.ts")
    .filter((name) =>
      /\bmid(dle)? = \(\w+ \+ \w+\) >>/.test(readFileSync(join("src", name), "utf8")),
    );
  expect(strays).toEqual([]);
});

/** What these export is for others than our own modules: users of the library, WebAssembly. */
const ENTRIES: readonly string[] = ["src/index.ts", "src/ingest/scan/index.ts"];

test("what src exports is imported somewhere else", () => {
  const texts = new Map(
    ["src", "test", "scripts"].flatMap(typescriptBelow).map((path) => [path, readText(path)]),
  );
  const used = new Set(
    [...texts].flatMap(([path, text]) =>
      importsOf(path, text).map(([to, name]) => `${to} ${name}`),
    ),
  );
  const unused = [...texts]
    .filter(([path]) => path.startsWith("src/") && !ENTRIES.includes(path))
    .flatMap(([path, text]) => exportsOf(text).map((name) => `${path} ${name}`))
    .filter((one) => !used.has(one) && !used.has(`${one.split(" ")[0]} *`));
  expect(unused).toEqual([]);
});

test("exports and imports are told in every spelling of ours", () => {
  const text = `export async function* walk() {}
export type { Kept, a as b } from "./other.ts";
export const ONE = 1;
function own() {}`;
  expect(exportsOf(text)).toEqual(["walk", "ONE", "Kept", "b"]);
  const importing = `import one, { type A, b as c } from "../x/y.ts";
import * as all from "./all.ts";
export { d } from "./d.ts";
const { later } = await import("./later.ts");`;
  const found = importsOf("src/x/z.ts", importing).map(([to, name]) => `${to} ${name}`);
  expect(found).toEqual(
    expect.arrayContaining(["src/x/all.ts *", "src/x/d.ts d", "src/x/later.ts later"]),
  );
  expect(importsOf("src/x/z.ts", 'import { type A, b as c } from "../x/y.ts";')).toEqual([
    ["src/x/y.ts", "A"],
    ["src/x/y.ts", "b"],
  ]);
});

test("the walks of ARCHITECTURE.md lead from file to file, none twice", () => {
  const page = readFileSync("ARCHITECTURE.md", "utf8");
  const [, section = ""] = /\n## Three walks\n([\s\S]*?)\n## /.exec(page) ?? [];
  const lists = section.match(/(?:^\d+\. .*\n)+/gm) ?? [];
  expect(lists).toHaveLength(5);
  const breaks: string[] = [];
  for (const list of lists) {
    const files = [...list.matchAll(/`(src\/[^`]+)`/g)].map(([, path = ""]) => path);
    expect(files.length).toBeGreaterThan(3);
    const reached = new Set<string>();
    for (const [at, path] of files.entries()) {
      if (!existsSync(path)) breaks.push(`${path} is not there`);
      else if (files.indexOf(path) < at) breaks.push(`${path} stands twice`);
      else {
        if (at > 0 && !reached.has(path)) breaks.push(`nothing before ${path} imports it`);
        for (const [to] of importsOf(path, readText(path))) reached.add(to);
      }
    }
  }
  expect(breaks).toEqual([]);
});

test("no file stands beside the folder of its name: a folder's entry is its index.ts", () => {
  // The two programs: where they lie is where their commands are found.
  const PROGRAMS = ["src/cli/triage.ts", "src/cli/rules.ts"];
  const beside = typescriptBelow("src").filter((path) => existsSync(path.replace(/\.tsx?$/, "")));
  expect(beside.filter((path) => !PROGRAMS.includes(path))).toEqual([]);
});

test("what is private is so to the language too", () => {
  // AssemblyScript has no private names.
  const strays = typescriptBelow("src")
    .filter((path) => !path.startsWith("src/ingest/scan/"))
    .filter((path) => /^\s*private /m.test(readText(path)));
  expect(strays).toEqual([]);
});
