import { codeText } from "../lock/code-text.ts";
import { cudaKernels } from "./cuda-kernels.ts";
import type { DeclaredKernel } from "./declared-kernel.ts";

/**
 * Kernels of a Python file: Triton and Gluon functions, CuTe DSL, TileLang, cuTile, and CUDA code
 * that it holds as text.
 */
export function* pythonKernels(path: string, text: string): Generator<DeclaredKernel> {
  if (text.includes("__global__")) yield* cudaKernels(text);
  if (!/\btriton\b|\bgluon\b|\bcute\b|\btilelang\b|prim_func|\bct\b/.test(text)) return;
  const lines = codeText(text, "python").code.split("\n");
  const launched = launchedIn(lines.join("\n"));
  let classes: { readonly indent: number; readonly name: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const [, space, keyword, name] = /^(\s*)(?:async\s+)?(class|def)\s+(\w+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const indent = space!.length;
    classes = classes.filter((it) => it.indent < indent);
    if (keyword === "class") {
      classes.push({ indent, name });
      continue;
    }
    const compiler = compilerOf(decoratorsAbove(lines, index));
    if (compiler === null) continue;
    const owner = classes.at(-1)?.name ?? null;
    yield {
      line: index + 1,
      compiler,
      symbol: owner === null || compiler !== "cute-dsl" ? name : `${owner}.${name}`,
      printed: printedBy(compiler, name, owner, path),
      isDoubtful: compiler === "triton" && !launched.has(name) && !/kernel/i.test(name),
    };
  }
}

/** Names that Python text launches as kernels: `name[grid](…)`, `name.run(…)`. */
export function launchedIn(code: string): ReadonlySet<string> {
  return new Set([...code.matchAll(/\b(\w+)(?:\[|\.(?:run|warmup)\b)/g)].map(([, name]) => name!));
}

/** Text of the decorators of the function on this line, over as many lines as they take. */
function decoratorsAbove(lines: readonly string[], at: number): string {
  const found: string[] = [];
  let depth = 0;
  for (let index = at - 1; index >= 0; index--) {
    const line = lines[index]!;
    depth += count(line, /[)\]}]/g) - count(line, /[([{]/g);
    const starts = line.trimStart().startsWith("@");
    if (depth <= 0 && !starts && line.trim() !== "") break;
    if (depth <= 0 && line.trim() === "" && found.length === 0 && index < at - 2) break;
    found.push(line);
  }
  return found.reverse().join(" ");
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

function compilerOf(decorators: string): Exclude<DeclaredKernel["compiler"], "cuda"> | null {
  if (/@(?:cutlass\.)?cute\.kernel\b/.test(decorators)) return "cute-dsl";
  if (/@(?:T|tl|tilelang)\.prim_func\b/.test(decorators)) return "tilelang";
  if (/@ct\.kernel\b/.test(decorators)) return "cutile";
  if (/@(?:cute|tilelang|numba|torch)\.(?:\w+\.)?n?jit\b/.test(decorators)) return null;
  return /@(?:(?:triton|tl|gluon)\.jit|(?:_?triton_|maybe_)?jit)\b/.test(decorators)
    ? "triton"
    : null;
}

/**
 * CuTe DSL puts the module in front of the class that owns a method, and none in front of a free
 * function; TileLang adds `_kernel`; Triton prints the function's name.
 */
function printedBy(
  compiler: DeclaredKernel["compiler"],
  name: string,
  owner: string | null,
  path: string,
): string {
  if (compiler === "tilelang") return `${name}_kernel`;
  if (compiler !== "cute-dsl") return name;
  const of = owner === null ? "" : `${moduleOf(path)}${owner}_object_at_`;
  return `kernel_cutlass_${name}_${of}_tensorptrbf16gmemalign16o1_0`;
}

/** `python/sglang/ops/norm.py` → `sglangopsnorm`. */
function moduleOf(path: string): string {
  return path
    .replace(/^(?:[\w-]+\/)?python\//, "")
    .replace(/(?:\/__init__)?\.py$/, "")
    .replaceAll("/", "");
}
