import { enclosingHeads } from "../lock/c-definition.ts";
import { codeText } from "../lock/code-text.ts";
import type { DeclaredKernel } from "./declared-kernel.ts";

/**
 * Kernels of CUDA or HIP code: functions behind `__global__`, or behind a macro that the file makes
 * of it. Declarations without a body are left out, their definition counts.
 */
export function* cudaKernels(text: string): Generator<DeclaredKernel> {
  if (!/__global__|CUTLASS_GLOBAL/.test(text)) return;
  const { code } = codeText(text, "c");
  const macros = [...code.matchAll(MACRO)].map(([, name]) => name!);
  const marks = new RegExp(
    `\\b(?:${["__global__", "CUTLASS_GLOBAL", ...macros].join("|")})\\b`,
    "g",
  );
  for (const { index, 0: mark } of code.matchAll(marks)) {
    const line = code.slice(code.lastIndexOf("\n", index) + 1, index);
    if (/^\s*#/.test(line)) continue;
    const name = nameBehind(code, index + mark.length);
    if (name === null || !hasBody(code, name.end)) continue;
    const symbol = [...namespacesAt(code, index), name.text].join("::");
    const parameters = templateBefore(code, index);
    yield {
      line: code.slice(0, index).split("\n").length,
      compiler: "cuda",
      symbol,
      printed:
        parameters === null
          ? `${symbol}(void*)`
          : `void ${symbol}<${parameters.join(", ")}>(void*)`,
      isDoubtful: false,
    };
  }
}

/** A macro that stands for `__global__` and what goes with it. */
const MACRO =
  /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(?:\\\n|[ \t])+(?:extern[ \t]+)?(?:"C"|[ \t])*__global__/gm;

/** Words, attributes and preprocessor lines that may stand between the mark and the name. */
const BETWEEN =
  /^\s*(?:(?:static|inline|extern|void|const|constexpr|auto|typename|__forceinline__|__noinline__)\b|#[^\n]*\n)/;
const ATTRIBUTE =
  /^\s*(?:__launch_bounds__|__cluster_dims__|__attribute__|__block_size__|__maxnreg__|[A-Z][A-Z0-9_]*)\s*\(/;
const RESULT = /^\s*(?:std::)?enable_if(?:_t)?\s*</;

/** How far behind its mark a kernel's name may stand. */
const REACH = 3000;

function nameBehind(
  code: string,
  from: number,
): { readonly text: string; readonly end: number } | null {
  const rest = code.slice(from, from + REACH);
  let at = 0;
  for (;;) {
    const left = rest.slice(at);
    const word = BETWEEN.exec(left) ?? /^\s*[A-Z][A-Z0-9_]+(?=\s+[A-Za-z_])/.exec(left);
    if (word !== null) {
      at += word[0].length;
      continue;
    }
    const bracket = ATTRIBUTE.exec(left) ?? RESULT.exec(left);
    if (bracket !== null) {
      const close = closing(rest, at + bracket[0].length - 1);
      if (close < 0) return null;
      at = close + 1 + (/^\s*::type/.exec(rest.slice(close + 1))?.[0].length ?? 0);
      continue;
    }
    const name = /^\s*([A-Za-z_]\w*)\s*(?=\()/.exec(left);
    return name === null ? null : { text: name[1]!, end: from + at + name[0].length };
  }
}

const PAIRS: Readonly<Record<string, string>> = { "(": ")", "<": ">" };

/** Place of the bracket that closes the one at `open`; -1 when there is none near. */
function closing(text: string, open: number): number {
  const opener = text[open]!;
  const closer = PAIRS[opener]!;
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === opener) depth++;
    else if (text[at] === closer && --depth === 0) return at;
    // Within parentheses `>` is a comparison.
    else if (text[at] === "(" && opener === "<") {
      const end = closing(text, at);
      if (end < 0) return -1;
      at = end;
    }
  }
  return -1;
}

function hasBody(code: string, open: number): boolean {
  const rest = code.slice(open, open + 20_000);
  const close = closing(rest, 0);
  return close >= 0 && /^\s*(?:#[^\n]*\n\s*)*\{/.test(rest.slice(close + 1, close + 400));
}

function namespacesAt(code: string, offset: number): readonly string[] {
  return enclosingHeads(code, offset)
    .reverse()
    .flatMap((head) => {
      const [, name] = /\bnamespace\s*((?:[A-Za-z_]\w*(?:\s*::\s*)?)*)\s*$/.exec(head) ?? [];
      if (name !== undefined) return name === "" ? ["(anonymous namespace)"] : [name];
      const [, type] = /\b(?:struct|class)\s+([A-Za-z_]\w*)[^;{}()]*$/.exec(head) ?? [];
      return type === undefined ? [] : [type];
    });
}

/** Made-up arguments for the template parameters of the declaration that ends here; null where it takes none. */
function templateBefore(code: string, offset: number): readonly string[] | null {
  const before = code.slice(Math.max(0, offset - REACH), offset);
  const start = before.lastIndexOf("template");
  if (start < 0) return null;
  const open = before.indexOf("<", start);
  const close = open < 0 ? -1 : closing(before, open);
  // Something else ended in between: the template belongs to another declaration.
  if (close < 0 || /[;{}]/.test(before.slice(close + 1))) return null;
  return splitTop(before.slice(open + 1, close)).flatMap((parameter) => {
    const text = parameter.split("=")[0]!.trim();
    if (text === "" || text.includes("...")) return [];
    if (/^(?:typename|class|template)\b/.test(text)) return ["__nv_bfloat16"];
    if (/^(?:const\s+)?bool\b/.test(text)) return ["true"];
    return ["128"];
  });
}

function splitTop(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if ("<([{".includes(text[at]!)) depth++;
    else if (">)]}".includes(text[at]!)) depth--;
    else if (text[at] === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
