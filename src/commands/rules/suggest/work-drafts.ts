import type { WorkCall, WorkInput, WorkModel, WorkTest } from "../../../model/work.ts";

/** A call of an op that may be worth a test; what to expect of it the model will say. */
export interface WorkDraft {
  /** What is different from the call it varies: "argument 1 in fp32". */
  readonly title: string;
  readonly call: WorkCallOfTest;
  /** How far it is from a call that an engine makes: of two that tell as much, the nearer is suggested. */
  readonly far: number;
}

type WorkCallOfTest = Omit<WorkTest, "title" | "expect">;

/** Every call of a model's tests with one thing changed, as one would vary it by hand. */
export function workDrafts(
  work: WorkModel,
  kernelFor: (glob: string) => string | null,
): readonly WorkDraft[] {
  return work.tests.flatMap((test) => [
    ...sizeDrafts(test),
    ...listDrafts("argument", test.inputs, (inputs) => ({ ...test, inputs })),
    ...test.inner.flatMap((call, index) => callDrafts(test, "inner", call, index)),
    ...test.outer.flatMap((call, index) => callDrafts(test, "outer", call, index)),
    ...stepDrafts(test),
    ...kernelDrafts(work, test, kernelFor),
  ]);
}

/** A size that stands in several tensors is one size: it changes everywhere. */
function sizeDrafts(test: WorkTest): WorkDraft[] {
  const sizes = new Set(
    test.inputs.flatMap(({ dims, list }) => [...(dims ?? []), ...(list ?? []).flat()]),
  );
  return [...sizes].flatMap((size) =>
    [3 * size, ...(size % 2 === 0 && size > 0 ? [size / 2] : [])].map((to) => {
      const changed = (dims: readonly number[]) => dims.map((one) => (one === size ? to : one));
      const inputs = test.inputs.map((input) => ({
        ...input,
        dims: input.dims && changed(input.dims),
        list: input.list?.map(changed) ?? null,
      }));
      return { title: `${to} instead of ${size}`, call: { ...test, inputs }, far: 1 };
    }),
  );
}

type Put = (inputs: readonly WorkInput[]) => WorkCallOfTest;

function listDrafts(what: string, inputs: readonly WorkInput[], put: Put): WorkDraft[] {
  const sizes = new Set(inputs.flatMap(({ dims }) => dims ?? []));
  const each = inputs.flatMap((input, index) =>
    inputVariants(input, sizes).map(([change, to, far]) => ({
      title: `${what} ${index} ${change}`,
      call: put(inputs.map((other, at) => (at === index ? to : other))),
      far,
    })),
  );
  const types = new Set(inputs.map(({ type }) => type).filter((type) => type !== ""));
  const retyped = [...types].flatMap((type) =>
    otherTypes(type).map((to) => ({
      title: `${to} instead of ${type}`,
      call: put(inputs.map((one) => (one.type === type ? { ...one, type: to } : one))),
      far: 1,
    })),
  );
  const shorter = inputs.map((_, count) => ({
    title: count === 1 ? `one ${what}` : `${count} ${what}s`,
    call: put(inputs.slice(0, count)),
    far: 2,
  }));
  return [...retyped, ...each, ...shorter.slice(1)];
}

const NOT_RECORDED: WorkInput = { type: "", dims: null, list: null, strides: null, value: null };

/** Types of another size, or packed. */
const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  bf16: ["fp32", "fp8"],
  fp16: ["fp32", "fp8"],
  fp32: ["bf16"],
  fp8: ["bf16", "u8"],
  i64: ["i32"],
  i32: ["i64"],
  u8: ["bf16", "fp4x2"],
  i8: ["bf16"],
  bool: ["i64"],
};

const otherTypes = (type: string): readonly string[] => OTHER_TYPES[type] ?? ["fp32"];

const inOtherType = (input: WorkInput): WorkInput => ({
  ...input,
  type: otherTypes(input.type)[0]!,
});

function inputVariants(
  input: WorkInput,
  sizes: ReadonlySet<number>,
): (readonly [string, WorkInput, number])[] {
  const { dims, list, value } = input;
  if (dims !== null)
    return [
      [`in ${inOtherType(input).type}`, inOtherType(input), 2],
      [`of rank ${dims.length + 1}`, withDims(input, [1, ...dims]), 2],
      [`of rank ${dims.length + 1}, at the end`, withDims(input, [...dims, 2]), 3],
      [`of rank ${dims.length + 1}, no dim of one`, withDims(input, [2, ...dims]), 3],
      ...(dims.length < 2
        ? []
        : [[`of rank ${dims.length - 1}`, withDims(input, dims.slice(1)), 2] as const]),
      ...dims.map((size, at) => {
        const to = 5 * size;
        const grown = dims.map((other, index) => (index === at ? to : other));
        return [`with a dim ${at} of ${to}`, withDims(input, grown), 3] as const;
      }),
      ["not recorded", NOT_RECORDED, 3],
    ];
  if (list !== null)
    return [
      [`in ${inOtherType(input).type}`, inOtherType(input), 2],
      ["with one tensor more", { ...input, list: [...list, list[0]!] }, 1],
      ["with one tensor less", { ...input, list: list.slice(1) }, 1],
      ["not recorded", NOT_RECORDED, 3],
    ];
  if (typeof value === "number")
    return [
      [`is ${value === 0 ? 1 : 0}`, { ...input, value: value === 0 ? 1 : 0 }, 1],
      [`is ${value + 1}`, { ...input, value: value + 1 }, 1],
      [`is ${2 * value + 2}`, { ...input, value: 2 * value + 2 }, 1],
      [`is ${2 * value + 1}`, { ...input, value: 2 * value + 1 }, 1],
      [`is ${-value - 1}`, { ...input, value: -value - 1 }, 2],
      ["not recorded", NOT_RECORDED, 3],
    ];
  if (Array.isArray(value))
    return [
      ...(value as readonly number[]).map((one, at) => {
        const changed = (value as readonly number[]).map((it, i) => (i === at ? one + 1 : it));
        return [`is [${changed.join(", ")}]`, { ...input, value: changed }, 1] as const;
      }),
      ["not recorded", NOT_RECORDED, 3],
    ];
  return [
    ["is 1", { ...input, value: 1 }, 2],
    ...[...sizes].map(
      (size) => [`given, of ${size}`, { ...input, type: "bf16", dims: [size] }, 1] as const,
    ),
  ];
}

function withDims(input: WorkInput, dims: readonly number[]): WorkInput {
  return { ...input, dims, strides: null };
}

/** Calls inside this one, or around it. */
function callDrafts(
  test: WorkTest,
  side: "inner" | "outer",
  { op, inputs }: WorkCall,
  index: number,
): WorkDraft[] {
  const put = (by: readonly WorkCall[]): WorkCallOfTest => ({
    ...test,
    [side]: test[side].flatMap((other, at) => (at === index ? by : [other])),
  });
  return [
    { title: `without ${op}`, call: put([]), far: 2 },
    ...listDrafts(`${op}'s argument`, inputs, (changed) => put([{ op, inputs: changed }])),
  ];
}

function stepDrafts(test: WorkTest): WorkDraft[] {
  return Object.entries(test.step).flatMap(([field, value]) => {
    const words = field.replaceAll("_", " ");
    const more = value === 0 ? 4096 : 2 * value;
    return [
      {
        title: `${more} ${words}`,
        call: { ...test, step: { ...test.step, [field]: more } },
        far: 1,
      },
      {
        title: `${words} not recorded`,
        call: { ...test, step: { ...test.step, [field]: undefined } },
        far: 3,
      },
    ];
  });
}

function kernelDrafts(
  { kernels }: WorkModel,
  test: WorkTest,
  kernelFor: (glob: string) => string | null,
): WorkDraft[] {
  if (kernels.length === 0) return [];
  return [
    { title: "another kernel of the op", call: { ...test, kernel: "memset_kernel" }, far: 1 },
    ...kernels.flatMap((glob) => {
      const kernel = kernelFor(glob);
      return kernel === null ? [] : [{ title: kernel, call: { ...test, kernel }, far: 1 }];
    }),
  ];
}
