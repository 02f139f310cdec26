import { STEP_FIELDS, TYPE_BYTES, WORK_FIELDS, WORK_FUNCTIONS } from "../src/model/work.ts";

const raw = String.raw;
/** As the lexer of work models: a dash belongs to a word between letters, `k-1` is a subtraction. */
const NAME = raw`[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*+`;
const one = (words: Iterable<string>): string => [...words].join("|");

const named = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name, at) => [`${at + 1}`, { name: `${name}.fuse` }]));
/** A whole word, not a half of one with dashes. */
const word = (words: string): string => raw`(?<![\w-])(${words})(?![\w-])`;

const SECTIONS = "title|op|kernel|where|flops|reads|writes|links|assuming|least";

/**
 * Colours of edition 2: from `fuse 2` to the end of the file. Sections begin lines, as the formatter
 * writes them; everything else is told by the word itself.
 */
export const WORK_GRAMMAR = {
  name: "meta.model.fuse",
  begin: raw`\b(fuse)\s+(2)\b`,
  beginCaptures: named("keyword.control.edition", "constant.numeric.integer"),
  // Never: a file holds one model and nothing else.
  end: "(?!)",
  patterns: [
    { include: "#comment" },
    { include: "#text" },
    {
      match: `${word("work")}\\s+(${NAME})`,
      captures: named("storage.type.work", "entity.name.function.work"),
    },
    {
      match: `^\\s*(let)\\s+(${NAME})`,
      captures: named("storage.type.let", "variable.other.value"),
    },
    {
      match: `^\\s*(source)\\s+(${NAME})`,
      captures: named("keyword.other.section", "entity.name.repository"),
    },
    { match: raw`^\s*(test)(?![\w-])`, captures: named("keyword.other.section") },
    { match: `^\\s*(${SECTIONS})(?![\\w-])`, captures: named("keyword.other.section") },
    {
      match: raw`${word("given")}\s+(step)\s+([A-Za-z_]\w*)`,
      captures: named("keyword.control", "keyword.control", "support.type.field"),
    },
    {
      match: raw`${word("given")}\s+(inputs|inner|outer|kernel)(?![\w-])`,
      captures: named("keyword.control", "keyword.control"),
    },
    {
      match: raw`${word("expect")}\s+(none|flops|bytes)(?![\w-])`,
      captures: named("keyword.control", "keyword.control"),
    },
    { match: raw`(?<=,)\s*(flops|bytes)(?=\s+\d)`, captures: named("keyword.control") },
    {
      match: raw`${word("at")}\s+(matrix|vector)(?=\s*\()`,
      captures: named("keyword.control", "storage.modifier.rate"),
    },
    { match: word("if|then|else|and|or|not"), captures: named("keyword.operator.logical") },
    {
      match: raw`${word(one(Object.keys(WORK_FUNCTIONS)))}(?=\s*\()`,
      captures: named("support.function"),
    },
    {
      match: `(\\.)\\s*(${one([...Object.keys(WORK_FIELDS), ...Object.keys(STEP_FIELDS)])})(?![\\w-])`,
      captures: named("punctuation.accessor", "support.type.field"),
    },
    { match: word("input|step"), captures: named("variable.language") },
    { match: word("strides"), captures: named("keyword.control") },
    { match: word(one(Object.keys(TYPE_BYTES))), captures: named("support.type.element") },
    { match: word("true|false|none"), captures: named("constant.language") },
    { name: "constant.numeric.decimal.fuse", match: raw`(?<!\w)\d+(?:\.\d+)?` },
    { name: "variable.other.value.fuse", match: NAME },
    { name: "keyword.operator.comparison.fuse", match: "==|!=|<=|>=|<|>" },
    { name: "keyword.operator.arithmetic.fuse", match: raw`[-+*/=|]` },
    { name: "punctuation.separator.fuse", match: raw`[.,#]` },
    { name: "punctuation.section.fuse", match: raw`[()\[\]{}]` },
    { include: "#stray" },
  ],
};
