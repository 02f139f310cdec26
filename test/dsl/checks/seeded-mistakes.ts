/** A mistake made in a rule that is sound: what somebody might write, and a reviewer would send back. */
export interface MistakeKind {
  readonly kind: string;
  /** The text with the mistake in it; null where the rule has no place for this one. */
  make(text: string, id: string): string | null;
  /** Kinds that put a rule beside the sound one instead of changing it. */
  readonly beside?: boolean;
}

/** The text with the first match replaced; null when nothing matches. */
function sub(text: string, pattern: RegExp, by: string | ((...found: string[]) => string)) {
  const changed = text.replace(pattern, by as string);
  return changed === text ? null : changed;
}

const head = (text: string): string => text.slice(0, text.indexOf('\n  test "'));
const tests = (text: string): string => text.slice(text.indexOf('\n  test "'));

/** A change above the tests only. */
const inHead =
  (pattern: RegExp, by: string | ((...found: string[]) => string)) =>
  (text: string): string | null => {
    const changed = sub(head(text), pattern, by);
    return changed === null ? null : changed + tests(text);
  };

const withTest = (text: string, body: string): string =>
  text.replace(/\n\}\s*$/, `\n\n  ${body}\n}\n`);

/** The facts of the first test, which let the rule look. */
const givenOf = (text: string): string | null => /^ {4}given .*$/m.exec(text)?.[0].trim() ?? null;

/** Tests whose body the pattern fits are gone, and those that vary one of them. */
function withoutTests(text: string, pattern: RegExp): string | null {
  const parts = tests(text)
    .replace(/\n\}\s*$/, "")
    .split(/(?=\n {2}test ")/);
  const gone = new Set<string>();
  const left = parts.filter((part) => {
    const [, title, like] = /^\n {2}test "([^"]*)"(?: like "([^"]*)")?/.exec(part)!;
    if (!pattern.test(part) && !gone.has(like ?? "")) return true;
    gone.add(title!);
    return false;
  });
  return gone.size === 0 ? null : `${head(text)}${left.join("").trimEnd()}\n}\n`;
}

/** A kernel that the rule has nothing to do with. */
const otherKernel = (text: string): string =>
  /\bcomm\b/.test(text)
    ? "nvjet_tst_64x8_64x16_4x1_v_bz_TNT"
    : "ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)";

export const KINDS: readonly MistakeKind[] = [
  {
    kind: "near miss without a kernel of the rule",
    make: (text) => {
      const given = givenOf(text);
      if (given === null) return null;
      const body = `test "other work" {\n    ${given}\n    on main "${otherKernel(text)}" 9us\n    expect no match because pattern\n  }`;
      return withTest(text, body);
    },
  },
  {
    kind: "twin under another name, its classes renamed",
    beside: true,
    make: (text, id) => {
      const locals = [...text.matchAll(/^let (\w+) =/gm)].map(([, name]) => name!);
      const renamed = locals.reduce(
        (left, name) => left.replace(new RegExp(`\\b${name}\\b(?!")`, "g"), `${name}_kernels`),
        text,
      );
      return renamed
        .replace(`rule ${id} `, `rule ${id}-again `)
        .replace(/^ {2}title ".*"$/m, '  title "The same once more"');
    },
  },
  {
    kind: "TODO left in an advice",
    make: inHead(/^( {2}advice \w+ )".*"$/m, '$1"TODO: say what to do."'),
  },
  { kind: "TODO left in a comment", make: inHead(/^rule /m, "// TODO: check the guards\nrule ") },
  {
    kind: "test with a kernel that no profiler printed",
    make: (text) =>
      sub(text, /^( {4,6}on main )"[^"]+"/m, '$1"void imagined::super_fused_kernel_v7<float>"'),
  },
  {
    kind: "vendor of other kernels",
    make: inHead(/^( {4}vendor = )nvidia$/m, "$1amd"),
  },
  {
    kind: "engine of another folder",
    make: inHead(
      /^( {4}framework = )(\w+)$/m,
      (_, before, engine) => `${before}${engine === "vllm" ? "tokenspeed" : "vllm"}`,
    ),
  },
  {
    kind: "saves the whole chain",
    make: (text) => {
      const chain = /^ {2}split [^\n]*(?:\n {4}->[^\n]*)+/m.exec(head(text))?.[0];
      if (chain === undefined || !/^ {2}saves /m.test(head(text))) return null;
      const steps = [...chain.matchAll(/ as (\w+)/g)].map(([, name]) => name!);
      return inHead(/^ {2}saves .*$/m, `  saves ${[...new Set(steps)].join(", ")}`)(text);
    },
  },
  {
    kind: "without that forbids its own step",
    make: inHead(/-> \[([^\]]*)\] ([\w.]+) as/, "-> [$1, without $2] $2 as"),
  },
  { kind: "repeat that asks for nothing", make: inHead(/repeat >= \d+/, "repeat >= 1") },
  { kind: "gap below a microsecond", make: inHead(/gap \d+(?:us|ms)/, "gap 20ns") },
  { kind: "gap of seconds", make: inHead(/gap \d+(?:us|ms)/, "gap 1000ms") },
  {
    kind: "quantisation not asked for",
    make: (text) => inHead(/^ {4}quant (?:=|in) .*\n/m, "")(text),
  },
  {
    kind: "file of a pull request that the status does not name",
    make: inHead(/"pr:\d+:/, '"pr:99999:'),
  },
  {
    kind: "active and split exchanged",
    make: (text) => {
      if (!/^ {2}active /m.test(head(text)) || !/^ {2}split /m.test(head(text))) return null;
      return (
        head(text)
          .replace(/^ {2}active /gm, "  @ ")
          .replace(/^ {2}split /gm, "  active ")
          .replace(/^ {2}@ /gm, "  split ") + tests(text)
      );
    },
  },
  {
    kind: "import that nothing uses",
    make: (text) =>
      /"lib\/sampling\.fuse"/.test(text)
        ? null
        : sub(text, /^fuse 1\n/, 'fuse 1\n\nimport "lib/sampling.fuse" as sampling'),
  },
  { kind: "number of GPUs not asked for", make: inHead(/^ {4}(?:attn_)?tp >= .*\n/m, "") },
  { kind: "share of most of the stage", make: inHead(/share >= [\d.]+%/, "share >= 60%") },
  { kind: "glob that takes everything", make: inHead(/^(let \w+ =\s+name )"[^"]+"/m, '$1"*k*"') },
  {
    kind: "glob with a slip of the pen",
    make: inHead(/^(let \w+ =\s+name "\*?\w{4})(\w)(\w)/m, "$1$3$2"),
  },
  {
    kind: "test that expects another number",
    make: (text) =>
      sub(
        text,
        /match (\w+) (\d+) times/,
        (_, state, n) => `match ${state} ${Number(n) + 1} times`,
      ),
  },
  { kind: "state without a test", make: (text) => withoutTests(text, /expect match split/) },
  { kind: "no near miss at all", make: (text) => withoutTests(text, /expect no match/) },
  {
    kind: "placeholder of no step",
    make: inHead(/^( {2}verdict split ".*)\{\w+\.name\}/m, "$1{nobody.name}"),
  },
  {
    kind: "verdict that claims a cause",
    make: inHead(/^( {2}verdict split ".*)"$/m, '$1 This happens because fusion is disabled."'),
  },
  {
    kind: "no limit to the idle time between steps",
    make: inHead(/\[gap \d+ms, past [^\]]+\]/, ""),
  },
  {
    kind: "subsumes a rule that is not there",
    make: inHead(/^ {2}report /m, "  subsumes sgl-not-there\n\n  report "),
  },
  {
    kind: "subsumes itself",
    make: (text, id) => inHead(/^ {2}report /m, `  subsumes ${id}\n\n  report `)(text),
  },
  {
    kind: "the same test under another title",
    make: (text) => {
      const first = /\n {2}(test "[^"]+" \{[\s\S]*?\n {2}\})/.exec(text)?.[1];
      return first === undefined
        ? null
        : withTest(text, first.replace(/test "/, 'test "once more: '));
    },
  },
  {
    kind: "source that is no file",
    make: inHead(/^( {2}source \w+ "[\w./-]*\/)(\w+\.\w+)/m, "$1old_$2"),
  },
  {
    kind: "symbol that is not in the file",
    make: inHead(/^( {2}source \w+ "[^#"]*#)(\w)/m, "$1not_$2"),
  },
  { kind: "id of another rule", make: inHead(/^rule [\w-]+/m, "rule somebody-else") },
  {
    kind: "deprecated without a successor",
    make: inHead(/^ {2}status mainline$/m, "  status deprecated"),
  },
  {
    kind: "guard that leaves nothing out",
    make: inHead(/^ {2}when \{/m, '  when {\n    model like "*"'),
  },
  {
    kind: "in flight without a day",
    make: inHead(/^( {2}status in-flight pr .*) checked \S+$/m, "$1"),
  },
  {
    kind: "share without its unit",
    make: inHead(/share >= ([\d.]+)%/, "share >= $1"),
  },
  {
    kind: "step in the way that may be passed",
    make: inHead(/past copies\.plumbing\] ([\w.]+) as/, "past copies.plumbing | $1] $1 as"),
  },
  {
    kind: "steps the other way round",
    make: (text) => {
      const found = /^ {2}split ([\w.]+)( as \w+)\n {4}-> (\[[^\]]*\]) ([\w.]+)( as \w+)\n/m.exec(
        head(text),
      );
      return found === null
        ? null
        : text.replace(
            found[0],
            `  split ${found[4]}${found[5]}\n    -> ${found[3]} ${found[1]}${found[2]}\n`,
          );
    },
  },
  { kind: "architecture of the other vendor", make: inHead(/arch >= sm\d+/, "arch = gfx942") },
  {
    kind: "advice for a state that the rule does not have",
    make: (text) =>
      /^ {2}partial |^ {2}active [\s\S]*^ {2}split /m.test(head(text))
        ? null
        : inHead(/^( {2}advice )\w+/m, "$1partial")(text),
  },
];
