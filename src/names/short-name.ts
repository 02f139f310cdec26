/** Longest short name: what still fits a table column beside six others. */
const LONGEST = 80;

const MORE = "…";
/** Characters of a name's end that stay when its middle goes. */
const TAIL = 12;
/** Brackets within brackets beyond this depth are plain text: no kernel has as many. */
const DEEPEST = 100;
/** Longer names have no structure worth looking for; those of real kernels have up to a few thousand. */
const LONGEST_PARSED = 8192;

/**
 * A demangled kernel name for people: unchanged up to 80 characters, beyond that with template
 * arguments folded step by step, outer ones kept longest. Tile sizes stay in sight.
 */
export function shortName(name: string): string {
  if (name.length <= LONGEST) return name;
  const flat = tensileName(name) ?? cuteName(name);
  if (flat !== null) return elided(flat);
  if (!name.includes("<") || name.length > LONGEST_PARSED) return elided(name);
  let last = name;
  for (const spelling of foldings(name)) {
    if (spelling.length <= LONGEST) return spelling;
    last = spelling;
  }
  return elided(last);
}

/** Tensile puts its macro tile first among forty parameters; the rest says nothing to a reader. */
function tensileName(name: string): string | null {
  const tile = /^Cijk_.*?_MT\d+x\d+x\d+(_MI\d+x\d+x\d+)?/.exec(name);
  return tile === null ? null : tile[0] + MORE;
}

/** CuTe DSL appends the address of the kernel object and every tensor's layout. */
function cuteName(name: string): string | null {
  const at = name.indexOf("_object_at_");
  return at > 0 && name.startsWith("kernel_") ? name.slice(0, at) : null;
}

/** Head and tail of a name without structure; its first tile size takes the tail's place if the head has none. */
function elided(name: string): string {
  if (name.length <= LONGEST) return name;
  const tile = /(?<!\d)\d+x\d+(x\d+)*/.exec(name);
  const head = LONGEST - TAIL - MORE.length;
  const hidden = tile !== null && tile.index + tile[0].length > head;
  const end = hidden ? tile[0].slice(0, TAIL) : name.slice(-TAIL);
  const told = tellingParts(name.slice(head - TAIL, hidden ? undefined : -TAIL));
  const tail = told === "" ? end : `${told}${MORE}${end}`;
  return name.slice(0, LONGEST - tail.length - MORE.length) + MORE + tail;
}

/** What tells kernels of one family apart and often stands in the middle of a name. */
const TELLING = /swi_?glu|ge_?glu|split_?k|stream_?k|e4m3|e5m2|e2m1|mxfp[48]|nvfp4|fp8|bf16|fp16/gi;

/** The first two telling words of a part that is left out. */
function tellingParts(hidden: string): string {
  const words = [...new Set(hidden.match(TELLING) ?? [])];
  return words
    .sort((a, b) => Number(isType(a)) - Number(isType(b)))
    .slice(0, 2)
    .join("_");
}

function isType(word: string): boolean {
  return /\d$|^(mx|nv)fp/i.test(word);
}

/** Text with its bracketed parts taken out: `f<a, g<b> >::h(c)` → f, <[a, g<b>]>, ::h, (…). */
type Part = string | { readonly open: "<" | "(" | "{"; readonly items: readonly Part[][] };

/** Ever shorter spellings; each is made when the one before it was too long. */
function* foldings(name: string): Generator<string> {
  const parts = parse(name);
  const all = Number.POSITIVE_INFINITY;
  yield render(parts, { depth: 2, count: all, scopes: true, types: true });
  yield render(parts, { depth: 2, count: all, scopes: false, types: true });
  const folded: string[] = [];
  // The type of elements gives way before the operation does.
  for (const types of [true, false])
    for (const count of [all, 7, 6, 5, 4, 3, 2, 1]) {
      const spelling = render(parts, { depth: 1, count, scopes: false, types });
      folded.push(spelling);
      yield spelling;
    }
  for (const spelling of folded) yield withoutScopes(spelling);
  const bare = render(parts, { depth: 1, count: 0, scopes: false, types: false });
  yield bare;
  yield withoutScopes(bare);
}

interface Folding {
  /** How many levels of template arguments are written out. */
  readonly depth: number;
  /** How many arguments of the outermost list. */
  readonly count: number;
  /** Whether arguments keep their namespaces. */
  readonly scopes: boolean;
  /** Whether an operation says the type of its elements. */
  readonly types: boolean;
}

function render(parts: readonly Part[], folding: Folding): string {
  return parts.map((part, index) => renderPart(part, parts[index - 1], folding)).join("");
}

function renderPart(part: Part, before: Part | undefined, folding: Folding): string {
  if (typeof part === "string") return part;
  if (part.open === "<") return argumentsOf(part.items, folding);
  if (part.open === "{" || isAnonymous(part)) return source([part]);
  // `(Enum)0` and `&(function)` say what a value is; behind a name stand mere parameters.
  const isValue = before === undefined || before === "&";
  return isValue ? `(${withoutScopes(render(part.items[0]!, folding))})` : `(${MORE})`;
}

function argumentsOf(items: readonly Part[][], folding: Folding): string {
  if (folding.depth === 0 || folding.count === 0) return `<${MORE}>`;
  const shown = items.slice(0, folding.count).map((item) => argument(item, folding));
  // Arguments beyond the count are left out, but never the operation the kernel is made for.
  const telling = items
    .slice(folding.count)
    .map((item) => tellingWord(item, folding.types))
    .find((word) => word !== null);
  if (telling !== undefined) shown.push(telling!);
  if (shown.length < items.length) shown.push(MORE);
  return `<${shown.join(", ")}>`;
}

function argument(item: readonly Part[], folding: Folding): string {
  const inner = {
    depth: folding.depth - 1,
    count: Number.POSITIVE_INFINITY,
    scopes: folding.scopes,
    types: folding.types,
  };
  if (inner.depth === 0) {
    const word = tellingWord(item, folding.types);
    if (word !== null) return word;
  }
  const text = render(item, inner);
  return folding.scopes ? text : withoutScopes(text);
}

/** ATen wraps the operation in layers of generic loops; this is the operation. */
function tellingWord(item: readonly Part[], types: boolean): string | null {
  const text = source(item);
  const words = text.match(OPERATION) ?? [];
  const word = words.findLast((one) => !WRAPPERS.has(one)) ?? null;
  if (word === null || !types) return word;
  const elements = new RegExp(`Functor<(?:c10::)?(${NUMBERS}), `).exec(text)?.[1];
  if (elements !== undefined) return `${word}<${elements}>`;
  const type = new RegExp(`\\b${word}(?:<|\\(.*lambda\\()(?:c10::)?(${NUMBERS})\\b`).exec(
    text,
  )?.[1];
  return type === undefined ? word : `${word}<${type}>`;
}

/** Types of elements as C++ spells them. */
const NUMBERS =
  "BFloat16|Half|float|double|int|long|short|bool|Float8_\\w+|__nv_bfloat16|__half|unsigned char|signed char";

const OPERATION = /\b\w*(?:Functor\w*|_functor|_kernel|_kernel_cuda|_kernel_impl|Ops?)\b/g;

const WRAPPERS = new Set([
  "UnaryFunctor",
  "BinaryFunctor",
  "AUnaryFunctor",
  "BUnaryFunctor",
  "ReduceOp",
  "gpu_kernel",
  "gpu_kernel_impl",
  "gpu_index_kernel",
]);

/** `a::b::c<…>` → `c<…>`; scopes within kept brackets are gone already. */
function withoutScopes(text: string): string {
  return text.replace(/^(?:(?:\w+|\(anonymous namespace\))::)+(?=\w)/, "");
}

function isAnonymous(part: Part): boolean {
  return source([part]) === "(anonymous namespace)";
}

const CLOSER = { "<": ">", "(": ")", "{": "}" } as const;

function source(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      const inner = part.items.map(source).join(", ");
      return `${part.open}${inner}${inner.endsWith(">") && part.open === "<" ? " " : ""}${CLOSER[part.open]}`;
    })
    .join("");
}

function parse(text: string): Part[] {
  return parseUntil(text, { at: 0 }, "", 0).flat();
}

/** Reads comma-separated items up to the closing bracket (or to the end where there is none). */
function parseUntil(text: string, place: { at: number }, closer: string, depth: number): Part[][] {
  const items: Part[][] = [[]];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") items.at(-1)!.push(plain);
    plain = "";
  };
  while (place.at < text.length) {
    const char = text[place.at++]!;
    if (char === closer) break;
    if (char === "," && closer !== "") {
      flush();
      items.push([]);
      if (text[place.at] === " ") place.at++;
    } else if (depth < DEEPEST && opensPart(char, items.at(-1)!, plain)) {
      flush();
      const open = char as "<" | "(" | "{";
      items.at(-1)!.push({ open, items: parseUntil(text, place, CLOSER[open], depth + 1) });
    } else if (char !== " " || text[place.at] !== closer) plain += char;
  }
  flush();
  return items;
}

function opensPart(char: string, item: readonly Part[], plain: string): boolean {
  return char === "<" ? opensArguments(item, plain) : char === "(" || char === "{";
}

/** A `<` behind a name or behind `operator()` opens arguments; elsewhere it compares. */
function opensArguments(item: readonly Part[], plain: string): boolean {
  if (plain === "") return typeof item.at(-1) === "object" && /operator$/.test(String(item.at(-2)));
  return /\w$/.test(plain) && !/operator$/.test(plain);
}
