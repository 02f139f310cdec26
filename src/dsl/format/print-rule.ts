import { quote } from "../../base/quote.ts";
import type {
  AlterNode,
  ExpectNode,
  GuardNode,
  LetNode,
  LinkNode,
  ListNode,
  MessageNode,
  Node,
  PatternNode,
  RowNode,
  RowRefNode,
  RuleNode,
  SourceNode,
  StateNode,
  StatusNode,
  StepNode,
  TestNode,
  ValueNode,
} from "../ast.ts";
import type { Comments } from "./comments.ts";
import { type Doc, group, hardline, indent, join, line, softline } from "./doc.ts";
import { alternatives, printClass, printText, refText } from "./print-class.ts";

/** A part ready to stand on lines of its own. */
export interface Part {
  readonly node: Node;
  readonly doc: Doc;
}

/** Parts below each other, with the author's blank lines kept where `airy`. */
export function stacked(parts: readonly Part[], comments: Comments, airy: boolean): Doc {
  return parts.map(({ node, doc }, index) => {
    const blank = airy && index > 0 && comments.spaced(node);
    return [index === 0 ? "" : hardline, blank ? hardline : "", comments.around(node, doc)];
  });
}

/** `{ … }` over several lines, with the comments that end it. */
function block(head: Doc, owner: Node, body: Doc, empty: boolean, comments: Comments): Doc {
  const rest = comments.atEndOf(owner);
  if (empty && rest.length === 0) return [head, " {}"];
  const ends = rest.map((comment, index) => {
    const blank = (!empty || index > 0) && comments.blankBefore(comment.range);
    return [empty && index === 0 ? "" : hardline, blank ? hardline : "", comment.text];
  });
  return [head, " {", indent(hardline, body, ends), hardline, "}"];
}

export function printRule(rule: RuleNode, comments: Comments): Doc {
  const groups = sectionGroups(rule, comments).filter(({ parts }) => parts.length > 0);
  const body = join(
    [hardline, hardline],
    groups.map(({ parts, airy }) => stacked(parts, comments, airy)),
  );
  const kind = rule.ruleKind?.value ?? "fusion";
  return block(`rule ${rule.id.text} : ${kind}`, rule, body, groups.length === 0, comments);
}

/** The canonical order; groups are set apart by blank lines. */
function sectionGroups(rule: RuleNode, comments: Comments): { parts: Part[]; airy: boolean }[] {
  const one = <Section extends Node>(
    section: Section | null,
    print: (section: Section) => Doc,
  ): Part[] => (section === null ? [] : [{ node: section, doc: print(section) }]);
  const each = <Section extends Node>(
    sections: readonly Section[],
    print: (section: Section) => Doc,
  ): Part[] => sections.map((node) => ({ node, doc: print(node) }));
  const words = (keyword: string) => (section: ListNode<ValueNode>) =>
    printList(keyword, section.values, comments);
  return [
    {
      airy: false,
      parts: [
        ...one(rule.title, ({ value }) => ["title ", printText(value)]),
        ...one(rule.status, printStatus),
        ...one(rule.since, ({ value }) => [
          "since ",
          value.kind === "day" ? value.text : printText(value),
        ]),
        ...one(rule.owner, ({ value }) => ["owner ", printText(value)]),
        ...one(rule.rev, ({ value }) => ["rev ", printValue(value)]),
        ...one(rule.tags, words("tags")),
        ...each(rule.sources, printSource),
        ...each(rule.refs, ({ value }) => ["ref ", printText(value)]),
      ],
    },
    { airy: false, parts: one(rule.when, (when) => printWhen(when, comments)) },
    { airy: true, parts: each(rule.lets, (one_) => printLet(one_, comments)) },
    { airy: true, parts: each(rule.states, (state) => printState(state, comments)) },
    {
      airy: false,
      parts: [
        ...one(rule.report, ({ value }) => `report share >= ${value.text}`),
        ...one(rule.subsumes, words("subsumes")),
        ...one(rule.conflicts, words("conflicts")),
        ...one(rule.saves, words("saves")),
        ...one(rule.toggle, ({ value }) => ["toggle ", printText(value)]),
      ],
    },
    { airy: false, parts: each(rule.messages, printMessage) },
    ...rule.tests.map((test) => ({
      airy: false,
      parts: [{ node: test, doc: printTest(test, comments) }],
    })),
  ];
}

function printList(keyword: string, values: readonly ValueNode[], comments: Comments): Doc {
  const docs = values.map((value) => comments.around(value, printValue(value)));
  return group(keyword, indent(line, join([",", line], docs)));
}

function printValue(value: ValueNode): Doc {
  if (value.kind === "int") return String(value.value);
  return value.kind === "word" ? value.text : quote(value.text);
}

function printStatus({ value, prs, checked, replacedBy }: StatusNode): Doc {
  if (value === "in-flight")
    return `status in-flight pr ${prs.map(({ text }) => quote(text)).join(", ")} checked ${checked!.text}`;
  return replacedBy === null ? `status ${value}` : `status ${value} use ${replacedBy.text}`;
}

function printSource({ repo, commit, since, until, target }: SourceNode): Doc {
  const at =
    commit === null ? "" : ` @ ${commit.kind === "word" ? commit.text : quote(commit.text)}`;
  const span = [
    since === null ? "" : ` since ${quote(since.text)}`,
    until === null ? "" : ` until ${quote(until.text)}`,
  ].join("");
  return `source ${repo.text}${at}${span} ${quote(target.text)}`;
}

const printMessage = ({ kind, state, template }: MessageNode): Doc =>
  `${kind} ${state} ${quote(template.text)}`;

export const printLet = ({ name, expr }: LetNode, comments: Comments): Doc =>
  printDefined(`let ${name.text} =`, expr, comments);

export function printDefined(head: string, expr: LetNode["expr"], comments: Comments): Doc {
  return group(head, indent(line, comments.around(expr, printClass(expr, comments))));
}

function printWhen(when: ListNode<GuardNode>, comments: Comments): Doc {
  const parts = when.values.map((guard) => ({ node: guard, doc: printGuard(guard, comments) }));
  return block("when", when, stacked(parts, comments, true), parts.length === 0, comments);
}

function printGuard({ fact, test }: GuardNode, comments: Comments): Doc {
  switch (test.op) {
    case "in": {
      const values = test.values.map((value) => comments.around(value, printValue(value)));
      return group(`${fact.text} in [`, indent(softline, join([",", line], values)), softline, "]");
    }
    case "like": {
      const globs = alternatives(test.globs, printText, comments);
      if (test.except.length === 0) return [`${fact.text} like `, globs];
      const except = alternatives(test.except, printText, comments);
      return group(`${fact.text} like `, globs, indent(line, "except ", except));
    }
    default:
      return [`${fact.text} ${test.op} `, printValue(test.value)];
  }
}

function printState(state: StateNode, comments: Comments): Doc {
  const { where, repeat } = state;
  const conditions = where.map((condition, index) => {
    const { left, equal, right } = condition;
    const text = `${left.capture.text}.${left.field.text} ${equal ? "==" : "!="} ${right.capture.text}.${right.field.text}`;
    return comments.around(condition, [index === 0 ? "where " : "and ", text]);
  });
  return group(
    `${state.state} `,
    printPattern(state.pattern, comments),
    indent(
      conditions.map((condition) => [line, condition]),
      repeat === null ? "" : [line, printRepeat(repeat)],
    ),
  );
}

const printRepeat = ({ min }: NonNullable<StateNode["repeat"]>): string => `repeat >= ${min.value}`;

function printPattern(pattern: PatternNode, comments: Comments): Doc {
  switch (pattern.kind) {
    case "chain": {
      const [first, ...others] = pattern.steps;
      return [
        comments.around(first!, printStep(first!)),
        indent(
          others.map((step, index) => [line, printLinked(pattern.links[index]!, step, comments)]),
        ),
      ];
    }
    case "any-order": {
      const steps = pattern.steps.map((step) => comments.around(step, printStep(step)));
      return group(
        "any-order {",
        indent(line, join([",", line], steps)),
        line,
        `} within ${pattern.within.value} kernels`,
      );
    }
    case "overlap": {
      const { first, second, least } = pattern;
      const share = least === null ? "" : ` >= ${least.text}`;
      // The share goes with the step, or a comment between them would change places each time.
      const range = { ...second.range, end: (least ?? second).range.end };
      return [
        "overlap ",
        comments.around(first, printStep(first)),
        indent(line, comments.around({ range }, ["with ", printStep(second), share])),
      ];
    }
  }
}

/** Arrow and step are one part: a comment before either speaks of both. */
function printLinked(link: LinkNode, step: StepNode, comments: Comments): Doc {
  const { skip, gap, without, past } = link;
  const refs = (list: LinkNode["past"]) => list.map(refText).join(" | ");
  const options = [
    skip === null ? "" : `skip ${skip.value}`,
    gap === null ? "" : `gap ${gap.text}`,
    without.length === 0 ? "" : `without ${refs(without)}`,
    past.length === 0 ? "" : `past ${refs(past)}`,
  ].filter((option) => option !== "");
  const arrow =
    options.length === 0
      ? "->"
      : group("-> [", indent(softline, join([",", line], options)), softline, "]");
  const range = { ...link.range, end: step.range.end };
  return comments.around({ range }, [arrow, " ", printStep(step)]);
}

function printStep({ class: ref, capture, quantifier }: StepNode): Doc {
  const name = capture === null ? "" : ` as ${capture.text}`;
  if (quantifier === null) return `${refText(ref)}${name}`;
  const { min, max } = quantifier;
  const times = min === 0 && max === 1 ? "?" : min === max ? `{${min}}` : `{${min}..${max}}`;
  return `${refText(ref)}${name}${times}`;
}

function printTest(test: TestNode, comments: Comments): Doc {
  const { given, rows, expect } = test;
  const parts = rows.map((row) => ({ node: row, doc: printRow(row, comments) }));
  const body = [
    ...(given.length === 0 ? [] : [printGiven(given, comments)]),
    ...(parts.length === 0 ? [] : [stacked(parts, comments, true)]),
    ...(expect === null ? [] : [comments.around(expect, printExpect(expect))]),
  ];
  const like = test.like === null ? "" : ` like ${quote(test.like.text)}`;
  const head = `test ${quote(test.title.text)}${like}`;
  return block(head, test, join(hardline, body), body.length === 0, comments);
}

/** The whole line is one part; the facts are parts of their own only when there are several. */
function printGiven(given: TestNode["given"], comments: Comments): Doc {
  const facts = given.map((one) => {
    const doc = [`${one.fact.text} `, printValue(one.value)];
    return given.length === 1 ? doc : comments.around(one, doc);
  });
  const range = { ...given[0]!.range, end: given.at(-1)!.range.end };
  return comments.around({ range }, group("given", indent(line, join([",", line], facts))));
}

function printRow(row: RowNode, comments: Comments): Doc {
  if (row.kind === "repeat") {
    const parts = row.rows.map((one) => ({ node: one, doc: printRow(one, comments) }));
    const body = stacked(parts, comments, true);
    return block(`repeat ${row.times.value}`, row, body, parts.length === 0, comments);
  }
  switch (row.kind) {
    case "turns":
      return `repeat ${row.times.value}`;
    case "drop":
      return `drop ${rowRef(row.row)}`;
    case "swap":
      return `swap ${rowRef(row.row)} with ${rowRef(row.other)}`;
    case "change": {
      const name = row.name === null ? "" : ` as ${quote(row.name.text)}`;
      const stream = row.stream === null ? "" : ` stream ${row.stream.text}`;
      return `change ${rowRef(row.row)}${name}${stream}${rowOptions(row)}`;
    }
    case "on": {
      const before = row.before === null ? "" : ` before ${rowRef(row.before)}`;
      const kernel = `${quote(row.name.text)} ${row.duration.text}`;
      return `on ${row.stream.text} ${kernel}${rowOptions(row)}${before}`;
    }
  }
}

const rowRef = ({ glob, nth }: RowRefNode): string =>
  `${quote(glob.text)}${nth === null ? "" : ` ${nth.value}`}`;

function rowOptions(row: Pick<AlterNode, "after" | "at" | "op" | "scope" | "frame">): string {
  return [
    row.after === null ? "" : ` after ${row.after.text}`,
    row.at === null ? "" : ` at ${row.at.text}`,
    row.op === null ? "" : ` op ${quote(row.op.text)}`,
    row.scope === null ? "" : ` scope ${quote(row.scope.text)}`,
    row.frame === null ? "" : ` frame ${quote(row.frame.text)}`,
  ].join("");
}

function printExpect({ outcome }: ExpectNode): Doc {
  if (outcome.match !== null) {
    const times = outcome.times === null ? "" : ` ${outcome.times.value} times`;
    return `expect match ${outcome.match}${times}`;
  }
  const { because, guard } = outcome;
  if (because === null) return "expect no match";
  return `expect no match because ${because}${guard === null ? "" : ` ${guard.text}`}`;
}
