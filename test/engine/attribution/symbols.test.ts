import { expect, test } from "vitest";
import { EMPTY_SITE } from "../../../src/engine/attribution/site-table.ts";
import { symbolFields } from "../../../src/engine/attribution/symbol-fields.ts";
import { buildSymbols } from "../../../src/engine/attribution/symbols.ts";
import type { Site } from "../../../src/model/trace/kernel-graph.ts";
import { GPU_KIND } from "../../../src/model/trace/trace.ts";
import { vocabularyOf } from "../../support/provisional-vocabulary.ts";
import { trace } from "../../support/trace-builder.ts";

const NORM: Site = {
  ...EMPTY_SITE,
  location: "vllm/_custom_ops.py:334",
  fn: "rms_norm",
  module: "Layer.RMSNorm",
  modulePath: "Layer_0.RMSNorm_0",
  cpuOp: "_C::rms_norm",
  topOp: "vllm::norm",
};

test("layers share symbols, modules do not", () => {
  const built = trace();
  for (let i = 0; i < 3; i++) built.kernel("void norm<1>(int)").launchedBy();
  const sites = [
    EMPTY_SITE,
    NORM,
    { ...NORM, modulePath: "Layer_1.RMSNorm_1", shapes: "[[1]]" },
    { ...NORM, module: "Model.RMSNorm" },
  ];
  const { symbols, symbolOf } = buildSymbols(
    built.build(),
    sites,
    Uint32Array.of(1, 2, 3),
    vocabularyOf({}),
  );
  expect([...symbolOf]).toEqual([0, 0, 1]);
  expect(symbols.map((symbol) => symbol.site)).toEqual([1, 3]);
});

test("the first category that fits names a kernel, and other fits none", () => {
  const built = trace().kernel("rms_norm").launchedBy().kernel("mystery").launchedBy().build();
  const vocabulary = vocabularyOf({ norm: ["*norm*"], second: ["rms*"] });
  const { symbols } = buildSymbols(built, [EMPTY_SITE], Uint32Array.of(0, 0), vocabulary);
  expect(symbols.map((symbol) => symbol.category)).toEqual(["norm", "other"]);
});

test("a role may ask for the category and the library", () => {
  const vocabulary = {
    classes: [
      { name: "norm", expr: { kind: "glob", field: "name", glob: "*norm*" } },
      { name: "aiter", expr: { kind: "glob", field: "name", glob: "aiter*" } },
      {
        name: "q_norm",
        expr: {
          kind: "all",
          of: [
            { kind: "glob", field: "category", glob: "norm" },
            { kind: "glob", field: "library", glob: "aiter" },
          ],
        },
      },
    ],
    categories: [{ id: "norm", title: "Norm", class: 0 }],
    libraries: [{ id: "aiter", title: "AITER", class: 1 }],
    roles: [{ id: "q_norm", title: "Q norm", class: 2 }],
  } as const;
  const built = trace().kernel("aiter::rms_norm").launchedBy().kernel("rms_norm").launchedBy();
  const { symbols } = buildSymbols(built.build(), [EMPTY_SITE], Uint32Array.of(0, 0), vocabulary);
  expect(symbols.map(({ category, library, role }) => [category, library, role])).toEqual([
    ["norm", "aiter", "q_norm"],
    ["norm", null, null],
  ]);
});

test("fields hold every spelling, and nothing where nothing is known", () => {
  const name = { raw: "void norm<1>(int)", demangled: "norm<1>", short: "norm" };
  expect(symbolFields(name, GPU_KIND.kernel, NORM)).toEqual({
    name: ["void norm<1>(int)", "norm<1>"],
    op: ["_C::rms_norm", "vllm::norm"],
    scope: ["Layer.RMSNorm"],
    frame: ["vllm/_custom_ops.py:334 rms_norm"],
    word: [],
    category: [],
    "category-from": [],
    role: [],
    library: [],
    kind: ["kernel"],
  });
  const copy = symbolFields({ ...name, demangled: name.raw }, GPU_KIND.copy, EMPTY_SITE);
  expect(copy).toMatchObject({ name: [name.raw], op: [], scope: [], frame: [], kind: ["copy"] });
});
