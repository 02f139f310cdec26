import { isObject } from "../../base/is-object.ts";
import { FRAMEWORKS } from "../../model/framework.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(checks).every(
      ([name, check]) => Object.hasOwn(value, name) && check(value[name]),
    );

const mark = fields({ size: number, mtimeMs: number, inode: number });
const steps = fields({ prefill: number, decode: number, mixed: number });
const file = fields({ path: text, size: number, steps: nullable(steps) });

const stage: Check = (value) =>
  fields({
    stage: oneOf(["prefill", "decode", "all"]),
    status: oneOf(["recording", "waiting", "complete", "failed"]),
    controlUrl: (url) => text(url) && URL.canParse(url as string),
    directory: text,
    traceDirectory: text,
    serverDirectory: text,
    before: (before) => isObject(before) && Object.values(before).every(mark),
    expectedFiles: nullable(number),
    startedAtServer: nullable(number),
    askedSteps: nullable(number),
    steps: nullable(steps),
    requests: listOf(isObject),
    stop: nullable(text),
    files: listOf(file),
    incomplete: listOf(fields({ path: text, size: number, reason: nullable(text) })),
  })(value) &&
  // Traces are moved there: a record from elsewhere does not choose where.
  isObject(value) &&
  value.directory === value.stage;

/** Whether a value is a record of a capture, as far as taking up its wait looks at it. */
export const isRecord: Check = fields({
  status: oneOf(["running", "complete", "failed"]),
  framework: oneOf(FRAMEWORKS),
  url: text,
  model: nullable(text),
  version: nullable(text),
  envTrace: nullable(text),
  stages: listOf(stage),
  notes: listOf(text),
});
