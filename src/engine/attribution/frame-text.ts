/** What one recorded frame text says. Line numbers are those of the function's first line. */
export type FrameText =
  | { readonly kind: "python"; readonly path: string; readonly line: string; readonly fn: string }
  /** "nn.Module: RMSNorm_3": the module's class and the profiler's instance number. */
  | { readonly kind: "module"; readonly type: string; readonly instance: string }
  /** Built-ins, `<string>` and whatever else has no place in a file. */
  | { readonly kind: "other" };

export function parseFrame(text: string): FrameText {
  if (text.startsWith("nn.Module: ")) {
    const instance = text.slice("nn.Module: ".length);
    return { kind: "module", type: instance.replace(/_\d+$/, ""), instance };
  }
  if (text.startsWith("<")) return { kind: "other" };
  const found = /^(.*)\((\d+)\): (.*)$/.exec(text);
  if (found === null) return { kind: "other" };
  return { kind: "python", path: readablePath(found[1]!), line: found[2]!, fn: found[3]! };
}

/** Folders that packages lie in: what stands before them depends on the machine. */
const ROOTS = ["/site-packages/", "/dist-packages/", "/python/"];

/** Packages that are often run from a source checkout, where no such folder stands before them. */
const PACKAGES =
  /^.*\/(?=(?:sglang|vllm|tensorrt_llm|tokenspeed|tokenspeed_kernel|transformers|diffusers|flashinfer|aiter|sgl_kernel|deep_gemm|triton|triton_kernels|torch)\/)/;

/** A path from its package on: "/sgl-workspace/sglang/python/sglang/srt/x.py" → "sglang/srt/x.py". */
export function readablePath(path: string): string {
  for (const root of ROOTS) {
    const at = path.lastIndexOf(root);
    if (at >= 0) return path.slice(at + root.length);
  }
  return path.startsWith("/") ? path.replace(PACKAGES, "") : path;
}

/** Built-ins print the address of the object they were called on; it says nothing and is never the same twice. */
export function withoutAddress(text: string): string {
  return text.startsWith("<") ? text.replace(/ at 0x[0-9a-fA-F]+/g, "") : text;
}
