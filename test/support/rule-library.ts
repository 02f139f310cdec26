import { loadTexts } from "../../src/dsl/load-rules.ts";
import { readRuleTexts } from "../../src/dsl/read-rule-texts.ts";
import { categoryTeller } from "../../src/engine/attribution/category.ts";
import { decisionsOf } from "../../src/model/classes/class-decisions.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { KernelFields } from "../../src/model/facts.ts";
import type { ClassExpr, Definition, RuleSet } from "../../src/model/rule.ts";

/** The project's own vocabulary, and every kernel class of it by name. */
export interface RuleLibrary {
  readonly ruleSet: RuleSet;
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
  /** Name globs that let kernels in (not those under a `not`), sorted. */
  readonly nameGlobs: readonly string[];
  /** "norm.plain_rmsnorm", … in file order. */
  readonly classNames: readonly string[];
  /** Does the named class hold for a kernel? */
  has(className: string, fields: KernelFields): boolean;
  /** Id of the first definition that fits; null when none does. */
  first(kind: "categories" | "roles" | "libraries", fields: KernelFields): string | null;
}

const ALIAS = /[^a-z0-9]/g;

/**
 * Loads `rules/lib` alone, so that a broken rule elsewhere does not matter here. A class is compiled
 * only where something uses it, hence a probe file that defines a role for each.
 */
export async function loadRuleLibrary(): Promise<RuleLibrary> {
  const { files, lock, digest } = await readRuleTexts("rules");
  const lib = files.filter(({ path }) => path.startsWith("lib/"));
  const plain = loadTexts("rules", { files: lib, lock, digest });
  // Words are asked apart from names.
  const named = plain.files.filter(({ path }) => path !== "lib/words.fuse");
  const lets = named.flatMap(({ path, ast }) =>
    ast.entries
      .filter((entry) => entry.kind === "let")
      .map((entry) => ({ path, name: entry.name.text })),
  );
  const modules = [...new Set(lets.map(({ path }) => path))];
  const probe = [
    "fuse 1",
    ...modules.map((path) => `import "${path}" as ${aliasOf(path)}`),
    ...lets.map(({ path, name }, i) => `role probe_${i} "" = ${aliasOf(path)}.${name}`),
  ].join("\n");
  const probed = loadTexts("rules", {
    files: [...lib, { path: "lib/zz-probe.fuse", file: "rules/lib/zz-probe.fuse", text: probe }],
    lock,
    digest,
  });
  const classNames = lets.map(({ path, name }) => `${moduleOf(path)}.${name}`);
  const byName = new Map(
    probed.ruleSet.roles
      .filter(({ id }) => id.startsWith("probe_"))
      .map(({ id, class: classId }) => [classNames[Number(id.slice(6))]!, classId]),
  );
  const probeMatcher = decisionsOf(probed.ruleSet);
  const matcher = decisionsOf(plain.ruleSet);
  const teller = categoryTeller(plain.ruleSet, matcher);
  const told = (fields: KernelFields): string =>
    teller({ demangled: fields.name.at(-1) ?? "" }, fields).category;
  return {
    ruleSet: plain.ruleSet,
    diagnostics: plain.diagnostics,
    texts: new Map(lib.map(({ path, text }) => [path, text])),
    nameGlobs: [...new Set(probed.ruleSet.classes.flatMap(({ expr }) => namesIn(expr)))].sort(),
    classNames,
    has: (className, fields) => {
      const id = byName.get(className);
      if (id === undefined) throw new Error(`no kernel class ${className}`);
      return probeMatcher.matches(id, fields);
    },
    first: (kind, fields) => {
      // Words tell what no class names.
      if (kind === "categories") return told(fields);
      const fits = ({ class: classId }: Definition) => matcher.matches(classId, fields);
      return plain.ruleSet[kind].find(fits)?.id ?? null;
    },
  };
}

function namesIn(expr: ClassExpr): string[] {
  switch (expr.kind) {
    case "any":
    case "all":
      return expr.of.flatMap(namesIn);
    case "glob":
      return expr.field === "name" ? [expr.glob] : [];
    default:
      return [];
  }
}

const moduleOf = (path: string): string => path.replace(/^lib\//, "").replace(/\.fuse$/, "");
const aliasOf = (path: string): string => moduleOf(path).replace(ALIAS, "_");
