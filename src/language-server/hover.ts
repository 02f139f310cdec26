import type { CheckContext } from "../dsl/checks/check.ts";
import { membersOf } from "../dsl/checks/proofs/bits.ts";
import type { LoadedFile } from "../dsl/load-texts.ts";
import { FACTS, FIELDS } from "../model/facts.ts";
import { classText } from "../model/rule-text.ts";
import type { Meaning } from "./meaning.ts";

/** Known kernels shown of a class. */
const MOST_KERNELS = 5;

/** In Markdown, what the editor shows over a word; null for what says all by itself. */
export function hoverText(context: CheckContext, file: LoadedFile, meant: Meaning): string | null {
  switch (meant.kind) {
    case "class":
      return classHover(context, meant);
    case "fact":
      return factHover(meant.name);
    case "field": {
      const says = FIELDS[meant.name as keyof typeof FIELDS];
      return says === undefined ? null : `**${meant.name}**: ${says}`;
    }
    case "rule": {
      const found = context.rules.find(({ rule }) => rule.id === meant.id)?.rule;
      return found === undefined ? null : `**${found.id}** (${found.status})\n\n${found.title}`;
    }
    case "alias": {
      const one = file.ast.imports.find(({ alias }) => alias.text === meant.name);
      return one === undefined ? null : `classes of \`${one.path.text}\``;
    }
    case "test": {
      const test = file.ast.rules[0]?.tests.find(({ title }) => title.text === meant.title);
      return test === undefined ? null : `test, line ${test.title.range.line}`;
    }
    default:
      return null;
  }
}

function factHover(name: string): string | null {
  const fact = FACTS[name as keyof typeof FACTS];
  if (fact === undefined) return null;
  const values =
    fact.values === null ? "" : `\n\n${fact.values.map((it) => `\`${it}\``).join(", ")}`;
  return `**${name}** (${fact.type}): ${fact.meaning}${values}`;
}

function classHover(
  { loaded, known }: CheckContext,
  { path, name }: Extract<Meaning, { kind: "class" }>,
): string | null {
  const { classes } = loaded.ruleSet;
  const prefix = path.replace(/^.*\//, "").replace(/\.fuse$/, "");
  const id = classes.findIndex((one) => one.name === `${prefix}.${name}`);
  if (id < 0) return null;
  const text = `\`\`\`fuse\nlet ${name} = ${classText(loaded.ruleSet, classes[id]!.expr)}\n\`\`\``;
  if (known === null) return text;
  const { kernels } = known.classes.dictionary;
  const members = [...membersOf(known.classes.of(id).may)];
  const shown = members.slice(0, MOST_KERNELS).map((at) => `- \`${kernels[at]!.spellings[0]!}\``);
  const more = members.length > shown.length ? [`- and ${members.length - shown.length} more`] : [];
  const count = `${members.length} known ${members.length === 1 ? "kernel" : "kernels"} may be one`;
  return [text, "", count, "", ...shown, ...more].join("\n");
}
