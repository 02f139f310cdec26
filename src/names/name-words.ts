/** Words of a name by how much they tell, lower case. */
interface NameWords {
  /** Of the name itself and its namespaces. */
  readonly own: readonly string[];
  /** Of its template arguments, or of the module a generated name repeats. */
  readonly inner: readonly string[];
  /** Of the library whose template it is. */
  readonly library: readonly string[];
}

/**
 * The words of a kernel's name. Those of its template arguments tell only where the name itself
 * says nothing (`cutlass::device_kernel<…>`, `vectorized_elementwise_kernel<4, …>`), the library
 * only where nothing else does.
 *
 * A word is a run of letters with the digits behind it; camel case and underscores part words.
 * Neighbours are words together as well, so `all_reduce`, `AllReduce` and `allreduce` all hold
 * "allreduce", and digits at an end may be left out: `gemm2` holds "gemm".
 *
 * @param name demangled
 */
export function nameWords(name: string): NameWords {
  const text = withoutLayouts(name.length > LONGEST_READ ? name.slice(0, LONGEST_READ) : name);
  const { outside, inside } = CUTE_NAME.test(text) ? splitCuteName(text) : splitAtBrackets(text);
  return {
    own: wordsOf(outside.replace(LIBRARIES, " ").replace(FRAMES, " ")),
    inner: wordsOf(inside.replace(LIBRARIES, " ").replace(FRAMES, " ")),
    library: wordsOf((outside.match(LIBRARIES) ?? []).join(" ")),
  };
}

/** Behind this many characters stand layouts and hashes, no words. */
const LONGEST_READ = 2048;
/** More words than this are not looked at: a name says what it is in its first ones, behind them stand tiles and layouts. */
const MOST_WORDS = 40;

/** CuTe-DSL appends each tensor's pointer type and layout to the kernel's name, Triton its signature. */
function withoutLayouts(name: string): string {
  const cut = /_object_at_|_(?:tensor|Tensor)ptr|_\d+d[ec]?\d+d|_TiledMMA_|_CopyAtom_/.exec(name);
  return cut === null || cut.index === 0 ? name : name.slice(0, cut.index);
}

/** What stands outside template brackets, and what within. */
function splitAtBrackets(text: string): { outside: string; inside: string } {
  let depth = 0;
  let outside = "";
  let inside = "";
  for (const char of text) {
    if (char === "<") depth++;
    if (depth === 0) outside += char;
    else inside += char;
    if (char === ">" && depth > 0) depth--;
    if (char === ">" && depth === 0) outside += " ";
  }
  return { outside, inside };
}

/**
 * Function and class of a CuTe-DSL name stand around the module they are written in, whose folders
 * and file are run together. A module of experts is told with the name: its classes are called
 * after formats and stages.
 */
const CUTE_NAME = /^kernel_cutlass_/;
const CUTE_MODULE =
  /(?:^|_)(?:flashinfer|sglang|vllm|tokenspeed|tensorrt_llm|aiter|quack|flash_attn)[a-z0-9_]*/;
/** Of packages that are not known, what stands before the class. */
const CUTE_CLASS = /(?<=[a-z0-9])[A-Z]\w*$/;
/** Folders that say what the kernels in them do. */
const CUTE_FOLDERS =
  /attention|hyperconnection|quantization|sampling|indexer|linear|rmsnorm|oproj|gemm|attn|comm(?!on)|topk|moe|mla|gdn|kda/g;

function splitCuteName(text: string): { outside: string; inside: string } {
  const name = text.replace(CUTE_NAME, "");
  const ofClass = CUTE_CLASS.exec(name)?.index ?? name.length;
  const inside =
    CUTE_MODULE.exec(name)?.[0] ?? name.slice(0, ofClass === name.length ? 0 : ofClass);
  const experts = /moe/.test(inside) ? "moe " : "";
  return {
    outside: experts + name.replace(inside, " "),
    inside: inside.replace(CUTE_FOLDERS, "_$&_"),
  };
}

/** Libraries most of whose kernels are arithmetic. */
const LIBRARIES = /\b(?:at::native|thrust|rocprim|cub)\b/g;
/** Templates around any work, and namespaces that hold a word without meaning it. */
const FRAMES =
  /\b(?:\w*elementwise_kernel\w*|(?:Vectorized|Unrolled|Legacy)?ElementwiseKernel|_kernel_agent|cuda_cub|anonymous namespace|flashinfer|deep_gemm|cutlass_kernels|fbgemm_gpu)\b/g;

const WORD = /[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+[A-Za-z]?/g;
/** Hashes of sources and of generated variants. */
const HASH = /^(?=.*\d)[0-9a-f]{6,}$/;

function wordsOf(text: string): readonly string[] {
  const found = new Set<string>();
  for (const run of text.split(/[^A-Za-z0-9_]+/)) {
    const words = runWords(run);
    for (const [at, word] of words.entries()) {
      add(found, word);
      add(found, word.replace(/\d+$/, ""));
      const [second, third] = [words[at + 1], words[at + 2]];
      if (second === undefined || word.length + second.length > LONGEST_JOINED) continue;
      add(found, word + second);
      if (third !== undefined && word.length + second.length + third.length <= LONGEST_OF_THREE)
        add(found, word + second + third);
    }
    if (found.size >= MOST_WORDS) break;
  }
  return [...found];
}

const LONGEST_JOINED = 16;
const LONGEST_OF_THREE = 9;

function runWords(run: string): string[] {
  return run
    .split("_")
    .filter((part) => !HASH.test(part.toLowerCase()))
    .flatMap((part) => part.match(WORD) ?? [])
    .map((word) => word.toLowerCase())
    .filter((word) => word !== "kernel");
}

function add(found: Set<string>, word: string): void {
  if (word !== "" && !/^\d+$/.test(word)) found.add(word);
}
