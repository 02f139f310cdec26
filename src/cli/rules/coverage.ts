import type { KernelFamily, TreeCoverage } from "../../commands/rules/coverage.ts";
import { EXIT, type ExitCode } from "../../model/errors.ts";
import { inert, inertJson } from "../../report/document/inert.ts";
import type { Command, CommandContext } from "../command.ts";
import { valueReader } from "../option-values.ts";
import { type OptionSpecs, parseOptions } from "../options.ts";
import type { HelpPage } from "../terminal/help.ts";
import { writeStdout } from "../terminal/output.ts";
import { CHECKOUT_OPTION, checkoutsOf } from "./checkout-option.ts";
import { loadForCommand } from "./load-for-command.ts";
import { COMMON_OPTIONS, FOLDER_OPTION, rulesFolder } from "./rules-options.ts";

const COMMAND = "rules coverage";
const OUTPUT_FORMATS = ["text", "tsv", "json"] as const;

const OPTIONS = {
  rules: FOLDER_OPTION,
  checkout: {
    ...CHECKOUT_OPTION,
    help: "Kernels that the files in DIR declare, under this name: a checkout, or what a wheel unpacks to. May be given several times.",
  },
  missing: {
    value: null,
    group: "Kernels",
    help: "List only kernels that no class knows, and fused ones that no rule looks for.",
  },
  format: { value: "FORMAT", short: "f", group: "Output", help: "text, tsv, json. Default: text." },
  ...COMMON_OPTIONS,
} as const satisfies OptionSpecs;

/** Which kernels that an engine's sources declare the rules know. */
export const coverage: Command = { help, run };

async function run(args: readonly string[], { terminal }: CommandContext): Promise<ExitCode> {
  const given = parseOptions(args, OPTIONS, COMMAND);
  const format =
    valueReader(COMMAND).choice("format", given.text("format"), OUTPUT_FORMATS) ?? "text";
  const checkouts = checkoutsOf(given.all("checkout"), COMMAND);
  const { ruleSet } = await loadForCommand(rulesFolder(given), [], terminal);
  const { coverageOf } = await import("../../commands/rules/coverage.ts");
  const trees = await coverageOf(ruleSet, checkouts);
  const isListed = given.has("missing") ? isMissing : () => true;
  await writeStdout(print(trees, format, isListed, given.has("missing")));
  return EXIT.ok;
}

const hasClass = ({ categoryFrom }: KernelFamily): boolean => categoryFrom === "class";
const hasRule = ({ rules }: KernelFamily): boolean => rules.length > 0;
const isMissing = (family: KernelFamily): boolean =>
  !hasClass(family) || (family.isFused && !hasRule(family));

function print(
  trees: readonly TreeCoverage[],
  format: (typeof OUTPUT_FORMATS)[number],
  isListed: (family: KernelFamily) => boolean,
  lists: boolean,
): string {
  switch (format) {
    case "tsv":
      return asTsv(trees, isListed);
    case "json":
      return asJson(trees, isListed);
    case "text":
      return trees
        .map((tree) => asText(tree, lists ? tree.families.filter(isListed) : []))
        .join("\n");
  }
}

/** Counts of a tree: kernel families, those with a category and of these the ones that a class tells (the others by their words), fused ones, and of these those with a rule. */
function countsOf({ families }: TreeCoverage) {
  const fused = families.filter(({ isFused }) => isFused);
  return {
    families: families.length,
    withCategory: families.filter(({ categoryFrom }) => categoryFrom !== null).length,
    withClass: families.filter(hasClass).length,
    fused: fused.length,
    fusedWithRule: fused.filter(hasRule).length,
  };
}

function asText(tree: TreeCoverage, listed: readonly KernelFamily[]): string {
  const { families, withCategory, withClass, fused, fusedWithRule } = countsOf(tree);
  const at = tree.commit === null ? tree.root : `${tree.root} at ${tree.commit.slice(0, 12)}`;
  const rows = listed.map(
    ({ path, line, symbol, category, rules }) =>
      `  ${path}:${line}  ${symbol}  ${[category, ...rules].join(", ")}`,
  );
  return [
    `${tree.repo} (${at})`,
    `  ${share(withCategory, families)} of ${families} kernel families have a category: ${share(withClass, families)} by a class, the others by the words of their name`,
    `  ${share(fusedWithRule, fused)} of ${fused} fused ones have a rule`,
    ...rows,
  ]
    .map((line) => `${inert(line)}\n`)
    .join("");
}

const share = (part: number, whole: number): string =>
  whole === 0 ? "none" : `${part} (${((100 * part) / whole).toFixed(1)} %)`;

const HEAD = [
  ...["repo", "path", "line", "compiler", "kernel", "printed", "variants", "category", "from"],
  ...["fused", "rules"],
];

function asTsv(
  trees: readonly TreeCoverage[],
  isListed: (family: KernelFamily) => boolean,
): string {
  const rows = trees.flatMap(({ repo, families }) =>
    families
      .filter(isListed)
      .map((it) => [
        ...[repo, it.path, it.line, it.compiler, it.symbol, it.printed, it.variants, it.category],
        ...[it.categoryFrom ?? "", it.isFused ? "fused" : "", it.rules.join(" ")],
      ]),
  );
  return [HEAD, ...rows]
    .map((row) => `${row.map((cell) => inert(`${cell}`)).join("\t")}\n`)
    .join("");
}

function asJson(
  trees: readonly TreeCoverage[],
  isListed: (family: KernelFamily) => boolean,
): string {
  const list = trees.map((tree) => ({
    ...{ repo: tree.repo, root: tree.root, commit: tree.commit, counts: countsOf(tree) },
    families: tree.families.filter(isListed),
  }));
  return inertJson(`${JSON.stringify({ schemaVersion: 1, trees: list }, null, 2)}\n`);
}

function help(): HelpPage {
  return {
    usage: ["rules coverage --checkout NAME=DIR [options]"],
    summary:
      "Counts what the rules know of the GPU kernels that source trees declare (CUDA, HIP, Triton, CuTe DSL, TileLang, cuTile): families with a category and whether a class or the words of their name tell it, and of those whose name says that they do the work of several, how many some rule looks for. Names are made as profilers print them, macros and namespaces included. Tests, benchmarks and copies of other projects are left out.",
    options: OPTIONS,
    sections: [
      {
        title: "Examples",
        lines: [
          "rules coverage --checkout sglang=../sglang --missing",
          "rules coverage --checkout vllm=unpacked/vllm-0.33.0 --format tsv > vllm.tsv",
        ],
      },
      {
        title: "Exit codes",
        lines: [
          "0    counted",
          "2    wrong usage, or a folder cannot be read",
          "4    the rules are not valid",
        ],
      },
    ],
  };
}
