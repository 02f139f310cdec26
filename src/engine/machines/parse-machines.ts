import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { packageText } from "../../base/files/package-files.ts";
import { readYaml } from "../../base/files/read-yaml.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { Machine } from "../../model/machine.ts";

let compiled: ValidateFunction | null = null;

/**
 * Reads a list of GPUs.
 *
 * @throws {TriageError} `gpu/invalid` with the first thing that is wrong and its place.
 */
export function parseMachines(text: string, file: string): readonly Machine[] {
  const read = readYaml(text, { prettyErrors: true });
  if (read.fault !== null) throw invalid(file, `the text ${read.fault}`);
  const [error] = read.document.errors;
  if (error !== undefined) throw invalid(file, error.message);
  compiled ??= new Ajv2020({ allErrors: false, strict: false }).compile(
    JSON.parse(packageText("references/gpus.schema.json")),
  );
  if (compiled(read.value)) return (read.value as { gpus: Machine[] }).gpus;
  const [fault] = compiled.errors ?? [];
  throw invalid(file, `${fault?.instancePath || "the file"} ${fault?.message ?? "is not valid"}`);
}

const invalid = (file: string, what: string): TriageError =>
  new TriageError({
    code: "gpu/invalid",
    exit: EXIT.usage,
    message: `The list of GPUs cannot be used: ${what}.`,
    place: file,
    hint: "references/gpus.schema.json says what a GPU needs; references/gpus.yaml has examples",
  });
