import type { Diagnostic } from "../../model/diagnostic.ts";
import type { SourceNode, TextNode, WordNode } from "../ast.ts";
import { type ExprNode, spanOf, type WorkFile, type WorkNode, type WorkTestNode } from "./ast.ts";
import { Cursor, Unexpected } from "./cursor.ts";
import { lexWork, type Token } from "./lex.ts";
import { parseExpr } from "./parse-expr.ts";
import { parseTest } from "./parse-test.ts";

/** Sections of a model in the order in which they are written. */
export const WORK_SECTIONS = [
  "title",
  "op",
  "kernel",
  "source",
  "where",
  "let",
  "flops",
  "reads",
  "writes",
  "links",
  "assuming",
  "least",
  "test",
] as const;
type Section = (typeof WORK_SECTIONS)[number];
const isSection = (text: string): text is Section => WORK_SECTIONS.some((one) => one === text);

/** The edition in which work models are written. */
const EDITION = "2";

/** Whether a text is of the edition whose files hold work models: the first word tells. */
export const isWorkText = (text: string): boolean =>
  /^\uFEFF?(?:\s|\/\/[^\n]*\n)*fuse\s+2\b/.test(text);

/** A draft of {@link WorkNode} that sections are put into as they are read. */
type Draft = { -readonly [Key in keyof WorkNode]: WorkNode[Key] };

/**
 * Text of one work model → its tree and what is wrong with its form. Never throws; a section that
 * does not read is left out and reading goes on at the next.
 */
export function parseWork(
  text: string,
  file: string,
): { ast: WorkFile; diagnostics: Diagnostic[] } {
  const tokens = lexWork(text);
  const diagnostics: Diagnostic[] = [];
  const reader = new Reader(new Cursor(tokens), file, diagnostics);
  const work = reader.file();
  const { range } = tokens.at(-1)!;
  const ast = {
    file,
    work,
    complete: diagnostics.length === 0,
    range: { start: 0, end: range.end, line: 1, column: 1 },
  };
  return { ast, diagnostics };
}

class Reader {
  readonly #at: Cursor;
  readonly #file: string;
  readonly #diagnostics: Diagnostic[];

  constructor(at: Cursor, file: string, diagnostics: Diagnostic[]) {
    this.#at = at;
    this.#file = file;
    this.#diagnostics = diagnostics;
  }

  file(): WorkNode | null {
    const work = this.#trying(() => {
      this.#at.expectWord("fuse");
      const edition = this.#at.expect("number", `the language edition, \`fuse ${EDITION}\``);
      if (edition.text !== EDITION) throw new Unexpected(edition, `edition ${EDITION}`);
      return this.#work();
    });
    if (!this.#at.isOver && this.#diagnostics.length === 0)
      this.#report(this.#at.problem("the end of the file: it holds one work model"));
    return work;
  }

  #work(): WorkNode {
    const from = this.#at.expectWord("work").range;
    const id = word(this.#at.expect("word", "the id of the work model"));
    this.#at.expectMark("{");
    const draft: Draft = { ...EMPTY, id, range: from };
    while (!this.#at.isMark("}") && !this.#at.isOver) {
      const read = this.#trying(() => {
        this.#section(draft);
        return true;
      });
      if (read === null) this.#skipToSection();
    }
    const close = this.#trying(() => this.#at.expectMark("}"));
    draft.range = spanOf(from, close?.range ?? from);
    return draft;
  }

  #section(draft: Draft): void {
    const at = this.#at;
    const head = at.expect("word", `a section: ${WORK_SECTIONS.join(", ")}`);
    if (!isSection(head.text)) throw new Unexpected(head, `a section: ${WORK_SECTIONS.join(", ")}`);
    switch (head.text) {
      case "title":
        draft.title = this.#once(draft.title, head, () => this.#text());
        return;
      case "op":
        draft.ops = [...draft.ops, ...this.#texts()];
        return;
      case "kernel":
        draft.kernels = [...draft.kernels, ...this.#texts()];
        return;
      case "source":
        draft.sources = [...draft.sources, this.#source(head)];
        return;
      case "where":
        draft.where = [...draft.where, parseExpr(at)];
        return;
      case "let": {
        const name = word(at.expect("word", "a name for the value"));
        at.expectMark("=");
        draft.lets = [...draft.lets, { name, value: parseExpr(at) }];
        return;
      }
      case "flops":
        draft.flops = this.#once(draft.flops, head, () => parseExpr(at));
        draft.rate = this.#rate();
        return;
      case "reads":
        draft.reads = this.#once(draft.reads, head, () => parseExpr(at));
        return;
      case "writes":
        draft.writes = this.#once(draft.writes, head, () => parseExpr(at));
        return;
      case "links":
        draft.links = this.#once(draft.links, head, () => parseExpr(at));
        return;
      case "assuming":
        draft.assuming = [...draft.assuming, this.#text()];
        return;
      case "least":
        draft.least = this.#once(draft.least, head, () => this.#text());
        return;
      case "test":
        draft.tests = [...draft.tests, this.#test(head)];
    }
  }

  #rate(): { unit: WordNode; type: ExprNode } | null {
    if (!this.#at.isWord("at")) return null;
    this.#at.next();
    const unit = word(this.#at.expect("word", "`matrix` or `vector`"));
    if (unit.text !== "matrix" && unit.text !== "vector")
      throw new Unexpected(this.#at.before, "`matrix` or `vector`");
    this.#at.expectMark("(");
    const type = parseExpr(this.#at);
    this.#at.expectMark(")");
    return { unit, type };
  }

  #source(head: Token): SourceNode {
    const repo = word(this.#at.expect("word", "a repository of the source lock"));
    const target = this.#text();
    return {
      kind: "source",
      repo,
      commit: null,
      since: null,
      until: null,
      target,
      range: spanOf(head.range, target.range),
    };
  }

  #test(head: Token): WorkTestNode {
    return parseTest(this.#at, head);
  }

  #text(): TextNode {
    const { text, range } = this.#at.expect("text", "a quoted text");
    return { kind: "text", text, range };
  }

  #texts(): TextNode[] {
    const texts = [this.#text()];
    while (this.#at.isMark("|")) {
      this.#at.next();
      texts.push(this.#text());
    }
    return texts;
  }

  #once<T>(known: T | null, head: Token, read: () => T): T {
    if (known !== null)
      this.#diagnostics.push({
        code: "duplicate-name",
        severity: "error",
        file: this.#file,
        message: `\`${head.text}\` is given once`,
        range: head.range,
      });
    return read();
  }

  #skipToSection(): void {
    let depth = 0;
    for (let first = true; !this.#at.isOver; first = false) {
      if (this.#at.isMark("{")) depth++;
      if (this.#at.isMark("}") && depth-- === 0) return;
      if (!first && depth === 0 && this.#at.token.kind === "word" && isSection(this.#at.token.text))
        return;
      this.#at.next();
    }
  }

  #trying<T>(read: () => T): T | null {
    try {
      return read();
    } catch (problem) {
      if (!(problem instanceof Unexpected)) throw problem;
      this.#report(problem);
      return null;
    }
  }

  #report({ token, wanted }: Unexpected): void {
    const found = token.kind === "end" ? "the end of the file" : `\`${token.text}\``;
    this.#diagnostics.push({
      code: "syntax",
      severity: "error",
      file: this.#file,
      message: `expected ${wanted}, found ${found}`,
      range: token.range,
    });
  }
}

const word = ({ text, range }: Token): WordNode => ({ kind: "word", text, range });

const EMPTY: Omit<WorkNode, "id" | "range"> = {
  title: null,
  ops: [],
  kernels: [],
  sources: [],
  where: [],
  lets: [],
  flops: null,
  rate: null,
  reads: null,
  writes: null,
  links: null,
  assuming: [],
  least: null,
  tests: [],
};
