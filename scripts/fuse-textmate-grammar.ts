import { WORK_GRAMMAR } from "./work-textmate-grammar.ts";

/**
 * The TextMate grammar of `.fuse` files. The editor sees one line at a time and cannot look back, so
 * the rules follow the tokens: whatever makes the parser expect a name (`as`, `->`, `let`, a comma of
 * a list) opens a rule that ends with that name, and so a name that is also a keyword is no keyword.
 * Words that no rule takes are `invalid`.
 *
 * Scopes: https://macromates.com/manual/en/language_grammars#naming_conventions
 */

const raw = String.raw;
/** As the lexer's Identifier; possessive, so that no half of a name ever fits. */
const NAME = "[A-Za-z_](?:[0-9A-Za-z_]|-(?=[0-9A-Za-z_]))*+";
/** `alias.class` or `class`: four groups, see {@link refCaptures}. */
const REF = `(${NAME})\\s*(\\.)\\s*(${NAME})|(${NAME})`;
/** Where an unfinished construct must end, lest it colour the rest of the file. */
const STOP = raw`(?=[})])`;

const ALIAS = "entity.name.namespace";
const CLASS = "entity.name.type.class";
const DOT = "punctuation.accessor";
const CAPTURE = "variable.other.capture";
const RULE = "entity.name.function.rule";
const SECTION = "keyword.other.section";
const WORD = "keyword.control";
const STATE = "keyword.control.state";
const OPTION = "storage.modifier.option";
const VALUE = "constant.other.value";
const FACT = "variable.other.fact";
const FIELD = "support.type.field";

type Captures = Readonly<Record<string, { readonly name: string }>>;

const keyword = (words: string): string => raw`\b(${words})\b(?!-)`;
const include = (...names: readonly string[]) => names.map((name) => ({ include: `#${name}` }));

/** Scopes of the groups of an expression, from group `first` on. */
const capturesFrom = (first: number, scopes: readonly string[]): Captures =>
  Object.fromEntries(scopes.map((scope, at) => [`${first + at}`, { name: `${scope}.fuse` }]));
const captures = (...scopes: readonly string[]): Captures => capturesFrom(1, scopes);
const whole = (scope: string): Captures => capturesFrom(0, [scope]);
/** Scopes of {@link REF}, where `before` groups stand before it. */
const refCaptures = (before: number): Captures =>
  capturesFrom(before + 1, [ALIAS, DOT, CLASS, CLASS]);

export const FUSE_GRAMMAR = {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "fuse",
  scopeName: "source.fuse",
  fileTypes: ["fuse"],
  patterns: include(
    "comment",
    "work",
    "header",
    "import",
    "alias",
    "let",
    "definition",
    "ground",
    "rule",
    "class",
    "text",
    "number",
    "stray",
  ),
  repository: {
    comment: { name: "comment.line.double-slash.fuse", match: "//.*$" },
    text: {
      name: "string.quoted.double.fuse",
      begin: '"',
      end: '"|$',
      beginCaptures: whole("punctuation.definition.string.begin"),
      endCaptures: whole("punctuation.definition.string.end"),
      patterns: include("escape"),
    },
    escape: { name: "constant.character.escape.fuse", match: raw`\\.` },
    placeholder: {
      name: "variable.other.placeholder.fuse",
      match: `\\{(?:${NAME})(?:\\.${NAME})?\\}`,
    },
    number: {
      patterns: [
        { name: "constant.numeric.day.fuse", match: raw`\b[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\b` },
        {
          name: "constant.numeric.duration.fuse",
          match: raw`\b[0-9]+(?:\.[0-9]+)?(ns|us|ms)\b`,
          captures: captures("keyword.other.unit"),
        },
        {
          name: "constant.numeric.percent.fuse",
          match: raw`\b[0-9]+(?:\.[0-9]+)?(%)`,
          captures: captures("keyword.other.unit"),
        },
        { name: "constant.numeric.integer.fuse", match: raw`\b[0-9]+\b` },
      ],
    },
    work: WORK_GRAMMAR,
    header: { match: keyword("fuse"), captures: captures("keyword.control.edition") },
    import: { match: keyword("import"), captures: captures("keyword.control.import") },
    alias: {
      begin: keyword("as"),
      beginCaptures: captures("keyword.control.as"),
      end: `(${NAME})|${STOP}`,
      endCaptures: captures(ALIAS),
      patterns: include("comment"),
    },
    let: {
      begin: keyword("let"),
      beginCaptures: captures("storage.type.let"),
      end: `(${NAME})|${STOP}`,
      endCaptures: captures(CLASS),
      patterns: include("comment"),
    },
    definition: {
      begin: keyword("category|role|library"),
      beginCaptures: captures("storage.type.vocabulary"),
      end: `(${NAME})|${STOP}`,
      endCaptures: captures("entity.name.tag.vocabulary"),
      patterns: include("comment"),
    },
    ground: {
      patterns: [
        { match: keyword("by|words"), captures: captures("keyword.other.ground") },
        { match: raw`\b(op)\b(?=\s*=)`, captures: captures("keyword.other.ground") },
      ],
    },
    class: {
      patterns: [
        {
          begin: raw`(?<![=!<>])(=)(?!=)|\b(and|or)\b(?!-)`,
          beginCaptures: captures("keyword.operator.assignment", "keyword.operator.logical"),
          applyEndPatternLast: 1,
          end: `(${NAME})(?=\\s*(?:"|/(?!/|$)))|${REF}|(?=[})])`,
          endCaptures: { ...captures(FIELD), ...refCaptures(1) },
          patterns: [
            ...include("comment"),
            { match: keyword("not"), captures: captures("keyword.operator.logical") },
            { name: "punctuation.section.group.begin.fuse", match: raw`\(` },
          ],
        },
        { name: "keyword.operator.alternative.fuse", match: raw`\|` },
        { name: "punctuation.section.group.end.fuse", match: raw`\)` },
      ],
    },
    rule: {
      patterns: [
        {
          begin: keyword("rule"),
          beginCaptures: captures("storage.type.rule"),
          end: `(${NAME})|${STOP}`,
          endCaptures: captures(RULE),
          patterns: include("comment"),
        },
        {
          begin: ":",
          beginCaptures: whole("punctuation.separator.kind"),
          end: `(${NAME})|(?=[{}])`,
          endCaptures: captures("storage.type.kind"),
          patterns: include("comment"),
        },
        {
          name: "meta.rule.fuse",
          begin: raw`\{`,
          beginCaptures: whole("punctuation.section.block.begin"),
          end: raw`\}`,
          endCaptures: whole("punctuation.section.block.end"),
          patterns: include(
            "comment",
            "sections",
            "when",
            "let",
            "message",
            "test",
            "state",
            "class",
            "text",
            "number",
            "comma",
            "stray",
          ),
        },
      ],
    },
    sections: {
      patterns: [
        { match: keyword("title|owner|toggle|since|rev|ref"), captures: captures(SECTION) },
        {
          begin: keyword("status"),
          beginCaptures: captures(SECTION),
          end: `\\b(mainline|in-flight|experimental|deprecated)\\b(?!-)|(?=[}\\w])`,
          endCaptures: captures("constant.language.status"),
          patterns: include("comment"),
        },
        { match: keyword("pr|checked"), captures: captures(SECTION) },
        {
          begin: keyword("use"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})|${STOP}`,
          endCaptures: captures(RULE),
          patterns: include("comment"),
        },
        {
          begin: keyword("source"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})|(?=[}"])`,
          endCaptures: captures("entity.name.repository"),
          patterns: include("comment"),
        },
        {
          begin: "@",
          beginCaptures: whole("punctuation.separator.commit"),
          end: `(${NAME})|(?=[}"])`,
          endCaptures: captures("constant.other.commit"),
          patterns: include("comment"),
        },
        {
          begin: keyword("until"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})|(?=["}])`,
          endCaptures: captures("constant.other.release"),
          patterns: include("comment"),
        },
        {
          begin: keyword("tags"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})(?!\\s*,)|(?<=")(?!\\s*,)|(?=\\})`,
          endCaptures: captures("constant.other.tag"),
          patterns: [
            ...include("comment", "text", "comma"),
            { name: "constant.other.tag.fuse", match: NAME },
          ],
        },
        {
          begin: keyword("subsumes|conflicts"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})(?!\\s*,)|(?=\\})`,
          endCaptures: captures(RULE),
          patterns: [...include("comment", "comma"), { name: `${RULE}.fuse`, match: NAME }],
        },
        {
          begin: keyword("saves"),
          beginCaptures: captures(SECTION),
          end: `(${NAME})(?!\\s*,)|(?=\\})`,
          endCaptures: captures(CAPTURE),
          patterns: [...include("comment", "comma"), { name: `${CAPTURE}.fuse`, match: NAME }],
        },
        {
          begin: keyword("report"),
          beginCaptures: captures(SECTION),
          end: `\\b(share)\\b(?!-)|(?=[}\\w])`,
          endCaptures: captures(SECTION),
          patterns: include("comment"),
        },
      ],
    },
    message: {
      begin: keyword("verdict|advice"),
      beginCaptures: captures(SECTION),
      end: raw`(?<=")|(?=\})`,
      patterns: [
        ...include("comment"),
        { match: keyword("active|partial|split"), captures: captures(STATE) },
        {
          name: "string.quoted.double.message.fuse",
          begin: '"',
          end: '"|$',
          beginCaptures: whole("punctuation.definition.string.begin"),
          endCaptures: whole("punctuation.definition.string.end"),
          patterns: include("escape", "placeholder"),
        },
        ...include("stray"),
      ],
    },
    when: {
      name: "meta.when.fuse",
      begin: keyword("when"),
      beginCaptures: captures(SECTION),
      end: raw`\}`,
      endCaptures: whole("punctuation.section.block.end"),
      patterns: [
        { name: "punctuation.section.block.begin.fuse", match: raw`\{` },
        ...include("comment", "text"),
        {
          begin: "(>=|<=|=|>|<)",
          beginCaptures: captures("keyword.operator.comparison"),
          end: `(${NAME})|([0-9]++)|(?<=")|(?=\\})`,
          endCaptures: captures(VALUE, "constant.numeric.integer"),
          patterns: include("comment", "text"),
        },
        {
          begin: raw`\b(in)\b(?!-)\s*(\[)`,
          beginCaptures: captures("keyword.operator.in", "punctuation.section.brackets.begin"),
          end: raw`(\])|(?=\})`,
          endCaptures: captures("punctuation.section.brackets.end"),
          patterns: [
            ...include("comment", "text", "number", "comma"),
            { name: `${VALUE}.fuse`, match: NAME },
          ],
        },
        { match: raw`\b(like|except)\b(?!-)(?=\s*")`, captures: captures("keyword.operator.like") },
        { name: "keyword.operator.alternative.fuse", match: raw`\|` },
        { name: `${FACT}.fuse`, match: NAME },
        ...include("stray"),
      ],
    },
    state: {
      patterns: [
        {
          begin: keyword("active|partial|split"),
          beginCaptures: captures(STATE),
          end: `\\b(any-order)\\b(?=\\s*\\{)|${REF}|(?=[}])`,
          endCaptures: { ...captures(WORD), ...refCaptures(1) },
          patterns: include("comment", "overlap"),
          applyEndPatternLast: 1,
        },
        {
          begin: "->",
          beginCaptures: whole("keyword.operator.arrow"),
          end: `${REF}|(?=\\})`,
          endCaptures: refCaptures(0),
          patterns: include("comment", "options"),
        },
        {
          begin: keyword("with"),
          beginCaptures: captures(WORD),
          end: `${REF}|(?=\\})`,
          endCaptures: refCaptures(0),
          patterns: include("comment"),
        },
        ...include("quantity", "capture", "where"),
        { match: keyword("within|kernels"), captures: captures(WORD) },
        { match: keyword("repeat"), captures: captures(WORD) },
        { name: "keyword.operator.comparison.fuse", match: ">=" },
        {
          name: "meta.group.fuse",
          begin: raw`(?=\{)`,
          end: raw`\}`,
          endCaptures: whole("punctuation.section.block.end"),
          patterns: [
            ...include("comment", "quantity"),
            {
              begin: raw`(\{)|(,)`,
              beginCaptures: captures(
                "punctuation.section.block.begin",
                "punctuation.separator.comma",
              ),
              end: `${REF}|(?=\\})`,
              endCaptures: refCaptures(0),
              patterns: include("comment"),
            },
            ...include("capture", "stray"),
          ],
        },
      ],
    },
    overlap: {
      match: `\\b(overlap)\\b(?!-)(?!\\s+as\\b(?!-|\\s*\\.))(?=\\s+${NAME}(?:\\s*\\.\\s*${NAME})?(?:\\s+as\\s+${NAME})?\\s*(?:\\?|\\{[^}]*\\})?\\s*(?:with\\b|//|$))`,
      captures: captures(WORD),
    },
    quantity: {
      patterns: [
        {
          match: raw`(\{)\s*([0-9]+)\s*(?:(\.\.)\s*([0-9]+)\s*)?(\})`,
          captures: captures(
            "punctuation.section.quantity.begin",
            "constant.numeric.integer",
            "keyword.operator.range",
            "constant.numeric.integer",
            "punctuation.section.quantity.end",
          ),
        },
        { name: "keyword.operator.quantifier.fuse", match: raw`\?` },
      ],
    },
    capture: {
      begin: keyword("as"),
      beginCaptures: captures("keyword.control.as"),
      end: `(${NAME})|${STOP}`,
      endCaptures: captures(CAPTURE),
      patterns: include("comment"),
    },
    options: {
      name: "meta.options.fuse",
      begin: raw`\[`,
      beginCaptures: whole("punctuation.section.brackets.begin"),
      end: raw`(\])|(?=\})`,
      endCaptures: captures("punctuation.section.brackets.end"),
      patterns: [
        ...include("comment", "number", "comma"),
        { match: keyword("skip|gap"), captures: captures(OPTION) },
        {
          begin: raw`\b(without|past)\b(?!-)|(\|)`,
          beginCaptures: captures(OPTION, "keyword.operator.alternative"),
          end: `${REF}|(?=[\\]}])`,
          endCaptures: refCaptures(0),
          patterns: include("comment"),
        },
        ...include("stray"),
      ],
    },
    where: {
      begin: keyword("where"),
      beginCaptures: captures(WORD),
      end: raw`(?=\S)`,
      applyEndPatternLast: 1,
      patterns: [
        ...include("comment"),
        { match: `(${NAME})\\s*(\\.)\\s*(${NAME})`, captures: captures(CAPTURE, DOT, FIELD) },
        { name: "keyword.operator.comparison.fuse", match: "==|!=" },
        { match: keyword("and"), captures: captures("keyword.operator.logical") },
      ],
    },
    test: {
      name: "meta.test.fuse",
      begin: keyword("test"),
      beginCaptures: captures(SECTION),
      end: raw`\}`,
      endCaptures: whole("punctuation.section.block.end"),
      patterns: [
        { name: "punctuation.section.block.begin.fuse", match: raw`\{` },
        ...include("comment"),
        { match: raw`\b(like)\b(?!-)`, captures: captures(WORD) },
        {
          begin: raw`\b(given)\b(?!-)\s*|(,)\s*`,
          beginCaptures: captures("keyword.other.given", "punctuation.separator.comma"),
          end: raw`(?<=[\w"])|(?=\})`,
          patterns: [
            ...include("comment"),
            {
              begin: `(${NAME})`,
              beginCaptures: captures(FACT),
              end: `(${NAME})|([0-9]++)|(?<=")|(?=\\})`,
              endCaptures: captures(VALUE, "constant.numeric.integer"),
              patterns: [
                ...include("comment", "text"),
                { name: "keyword.operator.assignment.fuse", match: "=" },
              ],
            },
          ],
        },
        ...include("rows", "expect", "stray"),
      ],
    },
    rows: {
      patterns: [
        // `repeat 1` without a block says how many turns a varied test takes.
        { match: raw`\b(repeat)\b(?!-)(?=\s+[0-9]+\s*(?:$|//|[}a-z]))`, captures: captures(WORD) },
        {
          begin: keyword("repeat"),
          beginCaptures: captures(WORD),
          end: raw`\}`,
          endCaptures: whole("punctuation.section.block.end"),
          patterns: [
            { name: "punctuation.section.block.begin.fuse", match: raw`\{` },
            ...include("comment", "rows", "stray"),
          ],
        },
        {
          begin: keyword("on"),
          beginCaptures: captures("keyword.other.row"),
          end: `(${NAME})|(?=[}"])`,
          endCaptures: captures("variable.other.stream"),
          patterns: include("comment"),
        },
        { match: keyword("drop|swap|change"), captures: captures("keyword.other.row") },
        { match: keyword("as|with|before"), captures: captures(WORD) },
        {
          begin: keyword("stream"),
          beginCaptures: captures(OPTION),
          end: `(${NAME})|(?=[}"])`,
          endCaptures: captures("variable.other.stream"),
          patterns: include("comment"),
        },
        { match: keyword("after|at"), captures: captures(OPTION) },
        { match: keyword("op|scope|frame"), captures: captures("storage.modifier.field") },
        ...include("text", "number"),
      ],
    },
    expect: {
      patterns: [
        {
          begin: keyword("expect"),
          beginCaptures: captures("keyword.other.expect"),
          end: `\\b(match)\\b(?!-)|(?=[}\\w])`,
          endCaptures: captures("keyword.other.expect"),
          applyEndPatternLast: 1,
          patterns: [
            ...include("comment"),
            { match: keyword("no"), captures: captures("keyword.operator.logical") },
          ],
        },
        { match: keyword("active|partial|split"), captures: captures(STATE) },
        { match: keyword("times"), captures: captures("keyword.other.expect") },
        {
          begin: keyword("because"),
          beginCaptures: captures("keyword.other.expect"),
          end: `\\b(pattern|share)\\b(?!-)|\\b(guard)\\b(?!-)(?:\\s+(${NAME}))?|(?=[}\\w])`,
          endCaptures: captures("constant.language.reason", "constant.language.reason", FACT),
          patterns: include("comment"),
        },
      ],
    },
    comma: { name: "punctuation.separator.comma.fuse", match: "," },
    stray: { name: "invalid.illegal.stray.fuse", match: `${NAME}|[^\\s\\w{}]` },
  },
};
