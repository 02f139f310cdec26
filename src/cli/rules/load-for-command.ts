import { unknownRule } from "../../commands/rules/unknown-rule.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { RuleSet } from "../../model/rule.ts";
import type { RulesAt } from "../../model/rule-folders.ts";
import { type Terminal, toned } from "../terminal/terminal.ts";
import { pretty } from "./formats/pretty.ts";

interface LoadedForCommand {
  /** All rules of the folder; where some are asked for, only those. */
  readonly ruleSet: RuleSet;
  /** A rule that was asked for cannot run; it has been reported. */
  readonly broken: boolean;
}

/**
 * Rules for a command that runs them: errors of those asked for go to stderr, the rest is lint's.
 *
 * @param ids rules asked for, by id or file; empty = all.
 * @param isWanted which files are meant where none is asked for; all unless told.
 * @throws {TriageError} rules/unreadable, usage/unknown-rule.
 */
export async function loadForCommand(
  at: RulesAt,
  ids: readonly string[],
  { colorErr }: Terminal,
  isWanted: (file: string) => boolean = () => true,
): Promise<LoadedForCommand> {
  const { loadRules } = await import("../../dsl/load-rules.ts");
  const { ruleSet, diagnostics, files, works } = await loadRules(at);
  const asked = ids.map((id) => {
    const file = files.find((one) => one.file === id || one.path === id);
    const work = works.find((one) => one.file === id || one.path === id);
    return file?.ast.rules[0]?.id.text ?? work?.ast.work?.id.text ?? id;
  });
  const known = new Set([...ruleSet.rules, ...ruleSet.works].map(({ id }) => id));
  const written = [
    ...files.flatMap(({ ast }) => ast.rules.map(({ id }) => id.text)),
    ...works.flatMap(({ ast }) => ast.work?.id.text ?? []),
  ];
  const left = new Set(written.filter((id) => !known.has(id)));
  for (const id of asked)
    if (!known.has(id) && !left.has(id)) throw unknownRule(id, [...known, ...left]);
  const isMeant = (id: string | undefined, file: string) =>
    asked.length === 0 ? isWanted(file) : id !== undefined && asked.includes(id);
  const errors = diagnostics.filter(
    (one) => one.severity === "error" && (one.rule === undefined || isMeant(one.rule, one.file)),
  );
  const broken = errors.some(({ rule }) => rule === undefined || left.has(rule));
  if (broken)
    tell(errors, new Map([...files, ...works].map(({ file, text }) => [file, text])), colorErr);
  return {
    ruleSet: {
      ...ruleSet,
      rules: ruleSet.rules.filter(({ id, file }) => isMeant(id, file)),
      works: ruleSet.works.filter(({ id, file }) => isMeant(id, file)),
    },
    broken,
  };
}

function tell(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  color: boolean,
): void {
  process.stderr.write(pretty({ diagnostics, texts }, color));
  process.stderr.write(`${toned("These rules were left out.", "warn", color)}\n`);
}
