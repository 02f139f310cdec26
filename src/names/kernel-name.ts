import type { KernelName } from "../model/trace/trace.ts";
import { demangle } from "./demangle.ts";
import { shortName } from "./short-name.ts";

/**
 * The three spellings of a GPU event's name.
 *
 * Recorders demangle C++ kernels where they can; the rest (newer mangling, AMD) arrives as `_Z…`.
 * Both come out as the qualified name with template arguments. Names that are no C++ (Triton,
 * nvjet, Tensile, `Memcpy DtoD (Device -> Device)`) stay as they are.
 */
export function kernelName(raw: string): KernelName {
  const demangled = demangledName(raw);
  return { raw, demangled, short: shortName(demangled) };
}

/** What a rule may find in a kernel's name: the name as recorded, and demangled where that differs. */
export function nameSpellings({
  raw,
  demangled,
}: Pick<KernelName, "raw" | "demangled">): readonly string[] {
  return raw === demangled ? [raw] : [raw, demangled];
}

/** What an event is of which only the name is known: recorders call copies and fills so, and nothing else. */
export function kindOfName(raw: string): "kernel" | "copy" | "fill" {
  const [, call = ""] = /^Mem(cpy|set)\b/.exec(raw) ?? [];
  return call === "cpy" ? "copy" : call === "set" ? "fill" : "kernel";
}

/** Longer names are no C++ that a compiler wrote: they stay as they are. */
const LONGEST_PARSED = 8192;

/** The second of the three, for those who need no other. */
export function demangledName(raw: string): string {
  if (raw.length > LONGEST_PARSED) return raw;
  if (raw.startsWith("_Z")) return fromMangled(raw);
  const name = raw.replace(DESCRIPTOR, "").replaceAll("<unnamed>::", "(anonymous namespace)::");
  return cppName(name);
}

/** HIP launches a kernel through its descriptor, and some recorders print the descriptor's name. */
const DESCRIPTOR = /\.kd(?: \[clone[^\]]*\])?$| \[clone \.kd\]$/;

function fromMangled(raw: string): string {
  // Device code objects add ".kd" (descriptor), compilers ".part.0" and the like.
  const symbol = raw.replace(/\..*$/s, "");
  return demangle(symbol) ?? identifiersOf(symbol) ?? raw;
}

/** `_ZN3foo3barI…` → `foo::bar`: the leading names, when the rest is beyond the demangler. */
function identifiersOf(symbol: string): string | null {
  const names: string[] = [];
  let at = /^_ZN?[rVK]*(St)?/.exec(symbol)?.[0].length ?? 0;
  for (;;) {
    const length = /^\d+/.exec(symbol.slice(at))?.[0];
    if (length === undefined) break;
    const name = symbol.slice(at + length.length, at + length.length + Number(length));
    names.push(name.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : name);
    at += length.length + name.length;
  }
  return names.length === 0 ? null : names.join("::");
}

/** `void ns::f<int>(int*, long) const` → `ns::f<int>`. Texts of another shape come back unchanged. */
export function cppName(text: string): string {
  const signature = text.replace(/(?: const| volatile| &&?| \[clone [^\]]*\])+$/, "");
  const open = argumentsStart(signature);
  if (open <= 0) return text.startsWith("void ") ? text.slice(5) : text;
  const head = signature.slice(0, open);
  return head.slice(nameStart(head));
}

/** Where the parameter list opens that ends the text; -1 when it ends otherwise. */
function argumentsStart(text: string): number {
  if (!text.endsWith(")")) return -1;
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ")") depth++;
    // A blank before it marks prose ("Memset (Device)"), not a call.
    if (text[i] === "(" && --depth === 0) return text[i - 1] === " " ? -1 : i;
  }
  return -1;
}

/** An operator's name may hold brackets and blanks of its own. */
const OPERATOR =
  /^operator(\(\)|\[\]|->\*?|<=>|(<<|>>|[-+*/%^&|=!<>])=?|&&|\|\|| \w.*$)?(?: (?=<))?/;

/** Behind the last blank outside brackets: what stands before is the return type. */
function nameStart(head: string): number {
  const open: string[] = [];
  let start = 0;
  for (let i = 0; i < head.length; i++) {
    if (open.length === 0 && head.startsWith("operator", i) && !/\w/.test(head[i - 1] ?? "")) {
      i += OPERATOR.exec(head.slice(i))![0].length - 1;
      continue;
    }
    const char = head[i]!;
    if ("(<[{".includes(char)) open.push(char);
    // Within parentheses `>` is a comparison, and closing them closes what they left open.
    else if (char === ">") open.at(-1) === "<" && open.pop();
    else if (char === ")" || char === "]" || char === "}") closeTo(open, char);
    else if (char === " " && open.length === 0) start = i + 1;
  }
  return start;
}

const OPENER: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

function closeTo(open: string[], closer: string): void {
  const at = open.lastIndexOf(OPENER[closer]!);
  if (at >= 0) open.length = at;
}
