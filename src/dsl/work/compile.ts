import { compareText } from "../../base/compare-text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { RuleSource } from "../../model/rule.ts";
import type { StepField, WorkCall, WorkInput, WorkModel, WorkTest } from "../../model/work.ts";
import { STEP_FIELDS } from "../../model/work.ts";
import { compileSource } from "../compile/compile-source.ts";
import { didYouMean } from "../parse/messages.ts";
import { Remarks } from "../remarks.ts";
import type { SourceLock } from "../source-lock.ts";
import type { InputNode, WorkFile, WorkNode, WorkTestNode } from "./ast.ts";
import { compileExpr, type Names } from "./compile-expr.ts";

/** A file of edition 2 and its path below the rules directory. */
interface PlacedWork {
  readonly path: string;
  readonly layer?: number;
  readonly ast: WorkFile;
}

/** Trees → models, by id. One that cannot run is left out and reported, the others stay. */
export function compileWorks(
  files: readonly PlacedWork[],
  lockOf: (file: PlacedWork) => SourceLock | null,
): { works: WorkModel[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const works: WorkModel[] = [];
  const places = new Map<string, string>();
  for (const file of files) {
    const { path, ast } = file;
    if (ast.work === null || !ast.complete) continue;
    const remarks = new Remarks(ast.file, diagnostics, ast.work.id.text);
    const known = places.get(ast.work.id.text);
    if (known !== undefined)
      remarks.error("duplicate-name", ast.work.id.range, `another model has this id: ${known}`);
    places.set(ast.work.id.text, path);
    const made = compileWork(path, ast.work, lockOf(file), remarks);
    const name = (file.layer ?? 0) === 0 ? path : ast.file;
    if (made !== null && remarks.fatal === 0) works.push({ ...made, file: name });
  }
  return { works: works.sort((a, b) => compareText(a.id, b.id)), diagnostics };
}

function compileWork(
  path: string,
  node: WorkNode,
  lock: SourceLock | null,
  remarks: Remarks,
): WorkModel | null {
  const library = placeOf(path, node, remarks);
  // A collective moves over links what it moves; its own memory is no narrower.
  const needed =
    node.links === null ? (["title", "reads", "writes"] as const) : (["title"] as const);
  const missing = needed.filter((part) => node[part] === null);
  if (node.ops.length === 0)
    remarks.error(
      "missing-part",
      node.id.range,
      'a work model says whose work it tells: `op "aten::mm"`',
    );
  for (const part of missing)
    remarks.error("missing-part", node.id.range, `the work model has no \`${part}\``);
  if (node.sources.length === 0)
    remarks.blemish("missing-part", node.id.range, "the work model names no `source` of its op");
  if (node.flops !== null && node.rate === null)
    remarks.error("missing-part", node.flops.range, "operations run at a rate", {
      help: "`flops … at matrix(input[0].type)` or `at vector(…)`",
    });
  const names: Names = { lets: new Map(), remarks };
  const lets = node.lets.flatMap(({ name, value }) => {
    const compiled = compileExpr(value, names);
    if (names.lets.has(name.text))
      remarks.error("duplicate-name", name.range, `\`${name.text}\` is defined twice`);
    names.lets.set(name.text, names.lets.size);
    return compiled === null ? [] : [{ name: name.text, value: compiled }];
  });
  const where = node.where.flatMap((each) => compileExpr(each, names) ?? []);
  const flops = node.flops && compileExpr(node.flops, names);
  const rateType = node.rate && compileExpr(node.rate.type, names);
  const nothing = node.links === null ? null : ({ kind: "number", value: 0 } as const);
  const reads = node.reads === null ? nothing : compileExpr(node.reads, names);
  const writes = node.writes === null ? nothing : compileExpr(node.writes, names);
  const links = node.links && compileExpr(node.links, names);
  const sources = node.sources
    .map((source) => compileSource(source, lock, remarks))
    .filter((source): source is RuleSource => source !== null);
  if (reads === null || writes === null) return null;
  return {
    id: node.id.text,
    library,
    file: path,
    title: node.title?.text ?? "",
    ops: node.ops.map(({ text }) => text),
    kernels: node.kernels.map(({ text }) => text),
    sources,
    where,
    lets,
    flops,
    rate:
      node.rate === null || rateType === null
        ? null
        : { unit: node.rate.unit.text as "matrix" | "vector", type: rateType },
    reads,
    writes,
    links,
    assuming: node.assuming.map(({ text }) => text),
    least: node.least?.text ?? null,
    tests: node.tests.map((test) => compileTest(test, remarks)),
  };
}

function placeOf(path: string, { id }: WorkNode, remarks: Remarks): string {
  const [, library = "", name] = /^work\/([^/]+)\/([^/]+)\.fuse$/.exec(path) ?? [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id.text))
    remarks.blemish(
      "file-place",
      id.range,
      `an id is written in lower case, like-this: \`${id.text}\``,
    );
  if (name !== id.text)
    remarks.blemish(
      "file-place",
      id.range,
      `work \`${id.text}\` belongs in work/LIBRARY/${id.text}.fuse`,
      {
        help: `it is in ${path}`,
      },
    );
  return library;
}

function compileTest(node: WorkTestNode, remarks: Remarks): WorkTest {
  const step: Partial<Record<StepField, number>> = {};
  for (const { field, value } of node.step)
    if (Object.hasOwn(STEP_FIELDS, field.text)) step[field.text as StepField] = value;
    else
      remarks.error(
        "unknown-word",
        field.range,
        `no step tells \`${field.text}\``,
        didYouMean(field.text, Object.keys(STEP_FIELDS)),
      );
  if (node.expect === null)
    remarks.blemish("missing-part", node.title.range, "the test expects nothing", {
      help: "`expect flops 0, bytes 128` or `expect none`",
    });
  return {
    title: node.title.text,
    inputs: node.inputs.map(inputOf),
    inner: node.inner.map(callOf),
    outer: node.outer.map(callOf),
    step,
    kernel: node.kernel?.text ?? null,
    expect:
      node.expect === null || node.expect.none
        ? null
        : { flops: node.expect.flops, bytes: node.expect.bytes },
  };
}

const callOf = ({ op, inputs }: WorkTestNode["inner"][number]): WorkCall => ({
  op: op.text,
  inputs: inputs.map(inputOf),
});

const inputOf = ({ type, dims, list, strides, value }: InputNode): WorkInput => ({
  type,
  dims,
  list,
  strides,
  value,
});
