import type { IOrAlt, IToken, OrMethodOpts } from "chevrotain";
import { tokenMatcher } from "./chevrotain.ts";
import { RecoveringParser } from "./recovery.ts";
import * as t from "./tokens.ts";

const opensEntry = (token: IToken) => tokenMatcher(token, t.EntryWord);
const opensSection = (token: IToken) => tokenMatcher(token, t.SectionWord);
const opensTestLine = (token: IToken) => tokenMatcher(token, t.TestWord);
const opensGuard = (token: IToken) => tokenMatcher(token, t.Word);

const VALUE = "a value: a name, a whole number or a quoted text";
const GLOB = 'a glob in quotes, `"*rms_norm*"`';
const GLOB_AGAIN = "another glob of the same field after `|` (join different fields with `or`)";
const STATE = "a state: `active`, `partial` or `split`";

/**
 * The `.fuse` grammar, edition 1, without actions: see references/fuse-language.md for the same in
 * EBNF. Names of fields, facts and the like are plain words here; build-ast and the compiler judge
 * them, so that a misspelt one costs a line and not a rule.
 */
export class FuseParser extends RecoveringParser {
  constructor(options: { readonly skipValidations: boolean } = { skipValidations: true }) {
    super(options.skipValidations);
    this.performSelfAnalysis();
  }

  readonly file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.entry));
  });

  /** Alternatives are made once where they are met often: making them takes longer than choosing. */
  readonly #entries: OrMethodOpts<unknown> = {
    IGNORE_AMBIGUITIES: true,
    MAX_LOOKAHEAD: 1,
    DEF: [
      { ALT: () => this.SUBRULE(this.header) },
      { ALT: () => this.SUBRULE(this.import) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.definition) },
      { ALT: () => this.SUBRULE(this.rule) },
      { ALT: () => this.SUBRULE(this.strayEntry) },
    ],
  };

  readonly entry = this.RULE("entry", () => {
    this.recovering(opensEntry, () => {
      this.OR(this.#entries);
    });
  });

  readonly strayEntry = this.RULE("strayEntry", () => {
    this.OR([{ ALT: () => this.CONSUME(t.RCurly) }, { ALT: () => this.CONSUME(t.NotBrace) }]);
    this.ACTION(() => this.stray("entry", opensEntry));
  });

  readonly header = this.RULE("header", () => {
    this.CONSUME(t.Fuse);
    this.CONSUME(t.Int, { ERR_MSG: "the language edition, `fuse 1`" });
  });

  readonly import = this.RULE("import", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.Quoted, { ERR_MSG: 'the quoted path of a library file, "lib/norm.fuse"' });
    this.CONSUME(t.As);
    this.CONSUME(t.Word, { ERR_MSG: "the name to use for it here" });
  });

  readonly let = this.RULE("let", () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Word, { ERR_MSG: "a name for the kernel class" });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.classAny);
  });

  readonly definition = this.RULE("definition", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Category) },
      { ALT: () => this.CONSUME(t.Role) },
      { ALT: () => this.CONSUME(t.Library) },
    ]);
    this.CONSUME(t.Word, { ERR_MSG: "the id it defines" });
    this.OPTION(() => this.CONSUME(t.Quoted));
    this.OPTION2(() => {
      this.CONSUME(t.By);
      this.OR2([{ ALT: () => this.CONSUME(t.Words) }, { ALT: () => this.CONSUME(t.Op) }]);
    });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.classAny);
  });

  // Kernel classes

  readonly classAny = this.RULE("classAny", () => {
    this.SUBRULE(this.classAll);
    this.MANY(() => {
      this.CONSUME(t.Or);
      this.SUBRULE2(this.classAll);
    });
  });

  readonly classAll = this.RULE("classAll", () => {
    this.SUBRULE(this.classNot);
    this.MANY(() => {
      this.CONSUME(t.And);
      this.SUBRULE2(this.classNot);
    });
  });

  readonly #operands: OrMethodOpts<unknown> = {
    ERR_MSG:
      'a kernel class: a field with a pattern such as name "*norm*", the name of a class, or ( … )',
    DEF: [
      { ALT: () => this.SUBRULE(this.atom) },
      { ALT: () => this.SUBRULE(this.ref) },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.SUBRULE(this.classAny);
          this.CONSUME(t.RParen);
        },
      },
    ],
  };

  readonly classNot = this.RULE("classNot", () => {
    this.OPTION(() => this.CONSUME(t.Not));
    this.OR(this.#operands);
  });

  readonly atom = this.RULE("atom", () => {
    this.CONSUME(t.Word);
    this.CONSUME(t.Quoted, { ERR_MSG: GLOB });
    this.MANY(() => {
      this.CONSUME(t.Bar);
      this.CONSUME2(t.Quoted, { ERR_MSG: GLOB_AGAIN });
    });
  });

  readonly ref = this.RULE("ref", () => {
    this.CONSUME(t.Word, { ERR_MSG: "the name of a kernel class" });
    this.OPTION(() => {
      this.CONSUME(t.Dot);
      this.CONSUME2(t.Word, { ERR_MSG: "the name of a kernel class of that file" });
    });
  });

  // Rule

  readonly rule = this.RULE("rule", () => {
    this.CONSUME(t.Rule);
    this.CONSUME(t.Word, { ERR_MSG: "the id of the rule" });
    this.CONSUME(t.Colon, { ERR_MSG: "`:` and the kind of rule, `fusion` or `overlap`" });
    this.CONSUME2(t.Word, { ERR_MSG: "the kind of rule, `fusion` or `overlap`" });
    this.open();
    this.MANY(() => this.SUBRULE(this.section));
    this.SUBRULE(this.endOfRule);
  });

  /** On its own, so that a rule without its last brace still shows up in the tree. */
  readonly endOfRule = this.RULE("endOfRule", () => {
    this.recovering(opensEntry, () => this.close());
  });

  readonly #sections: OrMethodOpts<unknown> = {
    IGNORE_AMBIGUITIES: true,
    MAX_LOOKAHEAD: 1,
    DEF: [
      { ALT: () => this.SUBRULE(this.title) },
      { ALT: () => this.SUBRULE(this.status) },
      { ALT: () => this.SUBRULE(this.since) },
      { ALT: () => this.SUBRULE(this.owner) },
      { ALT: () => this.SUBRULE(this.rev) },
      { ALT: () => this.SUBRULE(this.tags) },
      { ALT: () => this.SUBRULE(this.source) },
      { ALT: () => this.SUBRULE(this.refs) },
      { ALT: () => this.SUBRULE(this.when) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.state) },
      { ALT: () => this.SUBRULE(this.report) },
      { ALT: () => this.SUBRULE(this.subsumes) },
      { ALT: () => this.SUBRULE(this.conflicts) },
      { ALT: () => this.SUBRULE(this.toggle) },
      { ALT: () => this.SUBRULE(this.saves) },
      { ALT: () => this.SUBRULE(this.message) },
      { ALT: () => this.SUBRULE(this.test) },
      { ALT: () => this.SUBRULE(this.straySection) },
    ],
  };

  readonly section = this.RULE("section", () => {
    this.recovering(opensSection, () => {
      this.OR(this.#sections);
    });
  });

  readonly straySection = this.RULE("straySection", () => {
    this.CONSUME(t.NotBrace);
    this.ACTION(() => this.stray("section", opensSection));
  });

  readonly title = this.RULE("title", () => {
    this.CONSUME(t.Title);
    this.CONSUME(t.Quoted);
  });

  readonly owner = this.RULE("owner", () => {
    this.CONSUME(t.Owner);
    this.CONSUME(t.Quoted);
  });

  readonly toggle = this.RULE("toggle", () => {
    this.CONSUME(t.Toggle);
    this.CONSUME(t.Quoted);
  });

  readonly since = this.RULE("since", () => {
    this.CONSUME(t.Since);
    this.OR([{ ALT: () => this.CONSUME(t.Day) }, { ALT: () => this.CONSUME(t.Quoted) }]);
  });

  readonly rev = this.RULE("rev", () => {
    this.CONSUME(t.Rev);
    this.OR([{ ALT: () => this.CONSUME(t.Int) }, { ALT: () => this.CONSUME(t.Quoted) }]);
  });

  readonly tags = this.RULE("tags", () => {
    this.CONSUME(t.Tags);
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        this.OR([{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Quoted) }]);
      },
    });
  });

  readonly refs = this.RULE("refs", () => {
    this.CONSUME(t.Ref);
    this.#quotedList();
  });

  readonly status = this.RULE("status", () => {
    this.CONSUME(t.Status);
    this.OR({
      ERR_MSG: "a status: `mainline`, `in-flight`, `experimental` or `deprecated`",
      DEF: [
        { ALT: () => this.CONSUME(t.Mainline) },
        { ALT: () => this.CONSUME(t.Experimental) },
        {
          ALT: () => {
            this.CONSUME(t.InFlight);
            this.CONSUME(t.Pr, { ERR_MSG: '`pr` and the pull request, "owner/repo#123"' });
            this.#quotedList();
            this.CONSUME(t.Checked, {
              ERR_MSG: "`checked` and the day the pull request was looked at",
            });
            this.CONSUME(t.Day);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Deprecated);
            this.OPTION(() => {
              this.CONSUME(t.Use);
              this.CONSUME(t.Word, { ERR_MSG: "the id of the rule to use instead" });
            });
          },
        },
      ],
    });
  });

  readonly source = this.RULE("source", () => {
    this.CONSUME(t.Source);
    this.CONSUME(t.Word, { ERR_MSG: "a repository of the source lock" });
    this.OPTION(() => {
      this.CONSUME(t.AtSign);
      this.OR([{ ALT: () => this.CONSUME2(t.Word) }, { ALT: () => this.CONSUME(t.Quoted) }]);
    });
    this.OPTION2(() => {
      this.SUBRULE(this.sourceSince);
    });
    this.OPTION3(() => {
      this.SUBRULE(this.sourceUntil);
    });
    this.CONSUME2(t.Quoted, { ERR_MSG: 'the quoted place in it, "path#symbol" or "pr:123:path"' });
  });

  readonly sourceSince = this.RULE("sourceSince", () => {
    this.CONSUME(t.Since);
    this.CONSUME(t.Quoted, { ERR_MSG: "the first release or commit that has it, quoted" });
  });

  readonly sourceUntil = this.RULE("sourceUntil", () => {
    this.CONSUME(t.Until);
    this.CONSUME(t.Quoted, { ERR_MSG: "the first release or commit without it, quoted" });
  });

  readonly report = this.RULE("report", () => {
    this.CONSUME(t.Report);
    this.CONSUME(t.Share);
    this.CONSUME(t.AtLeast);
    this.CONSUME(t.Percent);
  });

  readonly subsumes = this.RULE("subsumes", () => {
    this.CONSUME(t.Subsumes);
    this.#wordList("the id of a rule");
  });

  readonly conflicts = this.RULE("conflicts", () => {
    this.CONSUME(t.Conflicts);
    this.#wordList("the id of a rule");
  });

  readonly saves = this.RULE("saves", () => {
    this.CONSUME(t.Saves);
    this.#wordList("the name of a capture");
  });

  readonly message = this.RULE("message", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Verdict) }, { ALT: () => this.CONSUME(t.Advice) }]);
    this.SUBRULE(this.stateName);
    this.CONSUME(t.Quoted);
  });

  readonly #stateNames: OrMethodOpts<unknown> = {
    ERR_MSG: STATE,
    DEF: [
      { ALT: () => this.CONSUME(t.Active) },
      { ALT: () => this.CONSUME(t.Partial) },
      { ALT: () => this.CONSUME(t.Split) },
    ],
  };

  readonly stateName = this.RULE("stateName", () => {
    this.OR(this.#stateNames);
  });

  #quotedList(): void {
    this.AT_LEAST_ONE_SEP1({ SEP: t.Comma, DEF: () => this.CONSUME1(t.Quoted) });
  }

  #wordList(what: string): void {
    this.AT_LEAST_ONE_SEP1({
      SEP: t.Comma,
      ERR_MSG: what,
      DEF: () => this.CONSUME1(t.Word, { ERR_MSG: what }),
    });
  }

  // Guards

  readonly when = this.RULE("when", () => {
    this.CONSUME(t.When);
    this.open();
    this.MANY(() => this.SUBRULE(this.guardLine));
    this.close();
  });

  readonly #guardLines: OrMethodOpts<unknown> = {
    IGNORE_AMBIGUITIES: true,
    MAX_LOOKAHEAD: 1,
    DEF: [{ ALT: () => this.SUBRULE(this.guard) }, { ALT: () => this.SUBRULE(this.strayGuard) }],
  };

  readonly guardLine = this.RULE("guardLine", () => {
    this.recovering(opensGuard, () => {
      this.OR(this.#guardLines);
    });
  });

  readonly strayGuard = this.RULE("strayGuard", () => {
    this.CONSUME(t.NotBrace);
    this.ACTION(() => this.stray("guard", opensGuard));
  });

  readonly guard = this.RULE("guard", () => {
    this.CONSUME(t.Word);
    this.OR({
      ERR_MSG: "a comparison: `=`, `>=`, `<=`, `>`, `<`, `in` or `like`",
      DEF: [
        {
          ALT: () => {
            this.OR2([
              { ALT: () => this.CONSUME(t.Equals) },
              { ALT: () => this.CONSUME(t.Comparator) },
            ]);
            this.SUBRULE(this.value);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.In);
            this.CONSUME(t.LSquare);
            this.AT_LEAST_ONE_SEP({
              SEP: t.Comma,
              ERR_MSG: VALUE,
              DEF: () => this.SUBRULE2(this.value),
            });
            this.CONSUME(t.RSquare);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Like);
            this.SUBRULE(this.globs);
            this.OPTION(() => {
              this.CONSUME(t.Except);
              this.SUBRULE2(this.globs);
            });
          },
        },
      ],
    });
  });

  readonly globs = this.RULE("globs", () => {
    this.AT_LEAST_ONE_SEP({
      SEP: t.Bar,
      ERR_MSG: 'a quoted glob such as "*qwen3*"',
      DEF: () => this.CONSUME(t.Quoted),
    });
  });

  readonly value = this.RULE("value", () => this.#oneValue());

  readonly #values: OrMethodOpts<unknown> = {
    ERR_MSG: VALUE,
    DEF: [
      { ALT: () => this.CONSUME2(t.Word) },
      { ALT: () => this.CONSUME2(t.Int) },
      { ALT: () => this.CONSUME2(t.Quoted) },
    ],
  };

  /** For rules that are met often: a rule of its own costs more than the token it takes. */
  #oneValue(): void {
    this.OR(this.#values);
  }

  // States

  readonly state = this.RULE("state", () => {
    this.SUBRULE(this.stateName);
    this.OR([
      // `any-order {` is always a group, never a class of that name taken several times.
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.anyOrder) },
      { GATE: () => this.#startsOverlap(), ALT: () => this.SUBRULE(this.overlap) },
      { ALT: () => this.SUBRULE(this.chain) },
    ]);
    this.OPTION(() => {
      this.CONSUME(t.Where);
      this.AT_LEAST_ONE_SEP({ SEP: t.And, DEF: () => this.SUBRULE(this.condition) });
    });
    this.OPTION2(() => this.SUBRULE(this.repeatAtLeast));
  });

  readonly repeatAtLeast = this.RULE("repeatAtLeast", () => {
    this.CONSUME(t.Repeat);
    this.CONSUME(t.AtLeast);
    this.CONSUME(t.Int);
  });

  readonly chain = this.RULE("chain", () => {
    this.SUBRULE(this.step);
    this.MANY(() => {
      this.SUBRULE(this.link);
      this.SUBRULE2(this.step);
    });
  });

  readonly anyOrder = this.RULE("anyOrder", () => {
    this.CONSUME(t.AnyOrder);
    this.open();
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.step) });
    this.close();
    this.CONSUME(t.Within);
    this.CONSUME(t.Int);
    this.CONSUME(t.Kernels);
  });

  readonly overlap = this.RULE("overlap", () => {
    this.CONSUME(t.Overlap);
    this.SUBRULE(this.step);
    this.CONSUME(t.With);
    this.SUBRULE2(this.step);
    this.OPTION(() => {
      this.CONSUME(t.AtLeast);
      this.CONSUME(t.Percent);
    });
  });

  readonly step = this.RULE("step", () => {
    this.SUBRULE(this.ref);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME(t.Word, { ERR_MSG: "a name for the captured kernel" });
    });
    this.OPTION2(() => this.SUBRULE(this.quantifier));
  });

  readonly quantifier = this.RULE("quantifier", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Question) },
      {
        ALT: () => {
          this.open();
          this.CONSUME(t.Int, { ERR_MSG: "how many times, `{2}` or `{1..2}`" });
          this.OPTION(() => {
            this.CONSUME(t.Dots);
            this.CONSUME2(t.Int);
          });
          this.close();
        },
      },
    ]);
  });

  readonly link = this.RULE("link", () => {
    this.CONSUME(t.Arrow);
    this.OPTION(() => {
      this.CONSUME(t.LSquare);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.linkOption) });
      this.CONSUME(t.RSquare);
    });
  });

  readonly linkOption = this.RULE("linkOption", () => {
    this.OR({
      ERR_MSG: "an option: `skip`, `gap`, `without` or `past`",
      DEF: [
        {
          ALT: () => {
            this.CONSUME(t.Skip);
            this.CONSUME(t.Int, { ERR_MSG: "how many kernels may stand between, `skip 1`" });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Gap);
            this.CONSUME(t.Duration);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Without);
            this.AT_LEAST_ONE_SEP({ SEP: t.Bar, DEF: () => this.SUBRULE(this.ref) });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Past);
            this.AT_LEAST_ONE_SEP2({ SEP: t.Bar, DEF: () => this.SUBRULE2(this.ref) });
          },
        },
      ],
    });
  });

  readonly condition = this.RULE("condition", () => {
    this.SUBRULE(this.fieldOf);
    this.OR([{ ALT: () => this.CONSUME(t.Equal) }, { ALT: () => this.CONSUME(t.NotEqual) }]);
    this.SUBRULE2(this.fieldOf);
  });

  readonly fieldOf = this.RULE("fieldOf", () => {
    this.CONSUME(t.Word, { ERR_MSG: "a capture and its field, such as add.stream" });
    this.CONSUME(t.Dot);
    this.CONSUME2(t.Word, { ERR_MSG: "a field of the captured kernel, such as stream" });
  });

  /** `overlap` may also name a kernel class; it draws an overlap when two steps follow. */
  #startsOverlap(): boolean {
    if (this.LA(2).tokenType === t.Identifier) return true;
    if (!tokenMatcher(this.LA(2), t.Word)) return false;
    // `overlap as x` captures a kernel of a class called overlap.
    if (this.LA(2).tokenType === t.As && this.LA(3).tokenType !== t.Dot) return false;
    let next = 3;
    for (const joint of [t.Dot, t.As]) if (this.LA(next).tokenType === joint) next += 2;
    return this.LA(next).tokenType === t.With;
  }

  // Tests

  readonly test = this.RULE("test", () => {
    this.CONSUME(t.Test);
    this.CONSUME(t.Quoted, { ERR_MSG: "the quoted title of the test" });
    this.OPTION(() => {
      this.CONSUME(t.Like);
      this.CONSUME2(t.Quoted, { ERR_MSG: "the quoted title of the test that this one varies" });
    });
    this.open();
    this.MANY(() => this.SUBRULE(this.testLine));
    this.close();
  });

  readonly #testLines: OrMethodOpts<unknown> = {
    IGNORE_AMBIGUITIES: true,
    MAX_LOOKAHEAD: 1,
    DEF: [
      { ALT: () => this.SUBRULE(this.given) },
      { ALT: () => this.SUBRULE(this.repeat) },
      { ALT: () => this.SUBRULE(this.on) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.swap) },
      { ALT: () => this.SUBRULE(this.change) },
      { ALT: () => this.SUBRULE(this.expect) },
      { ALT: () => this.SUBRULE(this.strayTestLine) },
    ],
  };

  readonly testLine = this.RULE("testLine", () => {
    this.recovering(opensTestLine, () => {
      this.OR(this.#testLines);
    });
  });

  readonly strayTestLine = this.RULE("strayTestLine", () => {
    this.CONSUME(t.NotBrace);
    this.ACTION(() => this.stray("test", opensTestLine));
  });

  readonly given = this.RULE("given", () => {
    this.CONSUME(t.Given);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.fact) });
  });

  readonly fact = this.RULE("fact", () => {
    this.CONSUME(t.Word, { ERR_MSG: "a fact and its value, such as tp 2" });
    this.OPTION(() => this.CONSUME(t.Equals));
    this.#oneValue();
  });

  readonly #rows: IOrAlt<unknown>[] = [
    { ALT: () => this.SUBRULE(this.repeat) },
    { ALT: () => this.SUBRULE(this.on) },
  ];

  readonly repeat = this.RULE("repeat", () => {
    this.CONSUME(t.Repeat);
    this.CONSUME(t.Int, { ERR_MSG: "how many times" });
    this.OPTION(() => this.SUBRULE(this.turn));
  });

  readonly turn = this.RULE("turn", () => {
    this.open();
    this.MANY(() => {
      this.OR(this.#rows);
    });
    this.close();
  });

  readonly drop = this.RULE("drop", () => {
    this.CONSUME(t.Drop);
    this.SUBRULE(this.rowRef);
  });

  readonly swap = this.RULE("swap", () => {
    this.CONSUME(t.Swap);
    this.SUBRULE(this.rowRef);
    this.CONSUME(t.With);
    this.SUBRULE2(this.rowRef);
  });

  readonly change = this.RULE("change", () => {
    this.CONSUME(t.Change);
    this.SUBRULE(this.rowRef);
    this.AT_LEAST_ONE({
      ERR_MSG: "what is different, such as `after` 40us or `as` another kernel",
      DEF: () => this.SUBRULE(this.difference),
    });
  });

  readonly difference = this.RULE("difference", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.As);
          this.CONSUME(t.Quoted, { ERR_MSG: "the quoted name of a kernel" });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Stream);
          this.CONSUME(t.Word, { ERR_MSG: "a stream, such as side" });
        },
      },
      { ALT: () => this.SUBRULE(this.rowOption) },
    ]);
  });

  readonly rowRef = this.RULE("rowRef", () => {
    this.CONSUME(t.Quoted, { ERR_MSG: "the quoted name of a kernel in the varied test" });
    this.OPTION(() => this.CONSUME(t.Int));
  });

  readonly on = this.RULE("on", () => {
    this.CONSUME(t.On);
    this.CONSUME(t.Word, { ERR_MSG: "a stream, such as main" });
    this.CONSUME(t.Quoted, { ERR_MSG: "the quoted name of a kernel" });
    this.CONSUME(t.Duration);
    this.MANY(() => this.SUBRULE(this.rowOption));
    this.OPTION(() => {
      this.CONSUME(t.Before);
      this.SUBRULE(this.rowRef);
    });
  });

  readonly rowOption = this.RULE("rowOption", () => {
    this.OR([
      {
        ALT: () => {
          this.OR2([{ ALT: () => this.CONSUME(t.After) }, { ALT: () => this.CONSUME(t.At) }]);
          this.CONSUME(t.Duration);
        },
      },
      {
        ALT: () => {
          this.OR3([
            { ALT: () => this.CONSUME(t.Op) },
            { ALT: () => this.CONSUME(t.Scope) },
            { ALT: () => this.CONSUME(t.Frame) },
          ]);
          this.CONSUME(t.Quoted);
        },
      },
    ]);
  });

  readonly #expectations: OrMethodOpts<unknown> = {
    ERR_MSG: "`match` or `no` match",
    DEF: [
      {
        ALT: () => {
          this.CONSUME(t.Match);
          this.SUBRULE(this.stateName);
          this.OPTION(() => {
            this.CONSUME(t.Int);
            this.CONSUME(t.Times);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.No);
          this.CONSUME2(t.Match);
          this.OPTION2(() => this.SUBRULE(this.because));
        },
      },
    ],
  };

  readonly expect = this.RULE("expect", () => {
    this.CONSUME(t.Expect);
    this.OR(this.#expectations);
  });

  readonly because = this.RULE("because", () => {
    this.CONSUME(t.Because);
    this.OR({
      ERR_MSG: "a reason: `guard` with its fact, `pattern` or `share`",
      DEF: [
        {
          ALT: () => {
            this.CONSUME(t.Guard);
            this.OPTION(() => this.CONSUME(t.Word));
          },
        },
        { ALT: () => this.CONSUME(t.Pattern) },
        { ALT: () => this.CONSUME(t.Share) },
      ],
    });
  });
}
