import { buildTestGraph, type GraphKernel } from "../../../src/engine/rule-tests/test-graph.ts";
import type { StageName } from "../../../src/model/framework.ts";
import type {
  ChainPattern,
  ClassExpr,
  Condition,
  Link,
  Pattern,
  PatternStep,
  Rule,
  RuleSet,
  StateName,
  StatePattern,
} from "../../../src/model/rule.ts";
import type { KernelGraph } from "../../../src/model/trace/kernel-graph.ts";

/** A rule set made of classes written as text ("ar", "a*") and rules that refer to them by that text. */
export class Rules {
  readonly #classes: { name: string; expr: ClassExpr }[] = [];
  readonly #rules: Rule[] = [];

  /** Class of kernels whose name matches the glob. */
  cls(glob: string): number {
    return this.classOf(glob, { kind: "glob", field: "name", glob });
  }

  classOf(name: string, expr: ClassExpr): number {
    const known = this.#classes.findIndex((it) => it.name === name);
    return known >= 0 ? known : this.#classes.push({ name, expr }) - 1;
  }

  step(glob: string, options: Partial<Omit<PatternStep, "class">> = {}): PatternStep {
    return { class: this.cls(glob), capture: glob.replaceAll("*", ""), min: 1, max: 1, ...options };
  }

  /** "a b c" with the same link between all of them. */
  chain(text: string, link: Partial<Link> = {}): ChainPattern {
    const steps = text.split(" ").map((word) => {
      const [, name, quantifier] = /^([^{?]+)(\?|\{\d+\.\.\d+\})?$/.exec(word)!;
      if (quantifier === undefined) return this.step(name!);
      if (quantifier === "?") return this.step(name!, { min: 0 });
      const [min, max] = quantifier.slice(1, -1).split("..").map(Number);
      return this.step(name!, { min: min!, max: max! });
    });
    return { kind: "chain", steps, links: steps.slice(1).map(() => makeLink(link)) };
  }

  rule(id: string, states: readonly StatePattern[], more: Partial<Rule> = {}): this {
    this.#rules.push(makeRule(id, states, more));
    return this;
  }

  get set(): RuleSet {
    return {
      edition: 1,
      digest: "",
      path: "rules",
      // A list of its own: decisions go with it, and this one may still grow.
      classes: [...this.#classes],
      categories: [],
      roles: [],
      libraries: [],
      rules: [...this.#rules].sort((a, b) => (a.id < b.id ? -1 : 1)),
      works: [],
      repos: {},
    };
  }
}

export function makeLink(link: Partial<Link> = {}): Link {
  return { skip: 0, past: [], gap: null, without: [], ...link };
}

export function state(
  name: StateName,
  pattern: Pattern,
  more: { where?: readonly Condition[]; min?: number } = {},
): StatePattern {
  const { where = [], min = 1 } = more;
  return { state: name, pattern, where, repeat: { min } };
}

export function makeRule(
  id: string,
  states: readonly StatePattern[],
  more: Partial<Rule> = {},
): Rule {
  return {
    id,
    kind: "fusion",
    origin: "test",
    file: `fuse/test/${id}.fuse`,
    title: id,
    status: "mainline",
    prs: [],
    checked: null,
    replacedBy: null,
    since: null,
    owner: null,
    rev: null,
    refs: [],
    tags: [],
    sources: [],
    guards: [],
    states,
    reportShare: 0,
    subsumes: [],
    conflicts: [],
    messages: [],
    toggle: null,
    saves: null,
    tests: [],
    ...more,
  };
}

/** "a b . c" as kernels of 10 us one stream, 1 us apart; "@s2" switches the stream, "+40" waits us. */
export function kernels(text: string, more: Partial<GraphKernel> = {}): GraphKernel[] {
  const made: GraphKernel[] = [];
  let stream = "main";
  let at = 0;
  for (const word of text.trim().split(/\s+/)) {
    if (word.startsWith("@")) stream = word.slice(1);
    else if (word.startsWith("+")) at += Number(word.slice(1)) * 1000;
    else {
      made.push({ ...makeKernel(word, at), stream, ...more });
      at += 11_000;
    }
  }
  return made;
}

export function makeKernel(
  name: string,
  start: number,
  more: Partial<GraphKernel> = {},
): GraphKernel {
  return {
    stream: "main",
    name,
    start,
    duration: 10_000,
    op: null,
    scope: null,
    frame: null,
    layer: -1,
    ...more,
  };
}

export function graphOf(
  rules: Rules,
  list: readonly GraphKernel[],
  stage: StageName = "decode",
): KernelGraph {
  return buildTestGraph(rules.set, list, stage);
}
