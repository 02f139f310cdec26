import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { RULES } from "../../src/cli/rules/program.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const CI = ".github/workflows/ci.yml";
const RULES_CI = ".github/workflows/rules.yml";
const HOOKS = ".pre-commit-hooks.yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly on: { readonly pull_request: { readonly paths: readonly string[] } | null };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly steps: readonly Step[];
        readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
      }
    >
  >;
}
interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly files: string;
}

const read = <Of>(file: string): Of => parse(readFileSync(file, "utf8"));
const runsOf = (file: string): string[] =>
  Object.values(read<Workflow>(file).jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run }) => (run === undefined ? [] : run.trim().split("\n"))),
  );
const hooks = read<readonly Hook[]>(HOOKS);
const named = [...runsOf(CI), ...runsOf(RULES_CI), ...hooks.map(({ entry }) => entry)];

/** Words after the name of the `rules` command, also of files piped to it; null where a line calls something else. */
function rulesArguments(line: string): readonly string[] | null {
  const found =
    /^(?:git diff .* \| xargs -0 -r )?(?:node dist\/cli\/rules\.js|npx --no-install rules) (.*)$/.exec(
      line,
    );
  // What the shell fills in is no word of ours.
  return found === null ? null : found[1]!.replace(/ "\$\([^)]*\)"/g, "").split(/\s+/);
}

/** What is wrong with a call of `rules`, judged by the help of the subcommand. */
async function faults([name = "", ...words]: readonly string[]): Promise<string[]> {
  if (!Object.hasOwn(RULES.commands, name)) return [`no command ${name}`];
  const page = (await RULES.commands[name]!.load()).help(RULES);
  const options = new Map(
    Object.entries(page.options).map(([option, { help: says }]) => [`--${option}`, says]),
  );
  return words.flatMap((word, at) => {
    if (!word.startsWith("--"))
      return options.get(words[at - 1]!)?.includes(word) ? [] : [`${name}: ${word} is no value`];
    return options.has(word) ? [] : [`${name} has no ${word}`];
  });
}

test.each(named)("`%s` is a command there is", async (line) => {
  const args = rulesArguments(line);
  if (args !== null) return expect(await faults(args)).toEqual([]);
  const script = /^npm run ([\w:]+)$/.exec(line)?.[1];
  if (script !== undefined) return expect(Object.keys(manifest.scripts)).toContain(script);
  const python = /^pytest (\S+)$/.exec(line)?.[1];
  if (python !== undefined) return expect(existsSync(python)).toBe(true);
  // What is installed stands in the step itself: this package, and tools at one version.
  expect(line).toMatch(/^(?:npm ci( --no-\w+)*|pip install \.( [a-z]+(==[\d.]+)?)*)$/);
});

test("a command, an option or a value that is not there would be noticed", async () => {
  expect(await faults(["lnit"])).toEqual(["no command lnit"]);
  expect(await faults(["fmt", "--chek"])).toEqual(["fmt has no --chek"]);
  expect(await faults(["lint", "--format", "gitlab"])).toEqual(["lint: gitlab is no value"]);
});

test("pull requests are checked for form, format, tests, catalogues and what they change", () => {
  const commands = runsOf(RULES_CI).flatMap((line) => rulesArguments(line)?.[0] ?? []);
  expect(commands).toEqual(["lint", "fmt", "test", "docs", "lint"]);
  expect(hooks.map(({ entry }) => rulesArguments(entry)?.[0])).toEqual(["fmt", "lint", "test"]);
});

test("the paths that start the checks exist, and the hooks know a rule file", () => {
  const { paths } = read<Workflow>(RULES_CI).on.pull_request!;
  expect(paths.filter((path) => !existsSync(path.replace(/\/\*\*$/, "")))).toEqual([]);
  for (const { files } of hooks) expect("rules/lib/norm.fuse").toMatch(new RegExp(files));
});

test("the oldest Node that is tested is the oldest that is allowed", () => {
  const { node } = read<Workflow>(CI).jobs.verify!.strategy!.matrix;
  expect(manifest.engines.node).toBe(`>=${node[0]}`);
});

test("what the hooks call is a command of the package", () => {
  expect(manifest.bin.rules).toBe("dist/cli/rules.js");
});
