import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../base/files/read-json.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { readShape } from "../../engine/model-config/read-shape.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { ModelShape } from "../../model/model-shape.ts";
import type { TraceSelection } from "../../model/trace/trace-selection.ts";

/**
 * The model's configuration: the file or the model's folder that `--model-config` names, else the
 * folder that the server's arguments name, where it lies on this machine.
 *
 * @throws {TriageError} `model-config/unreadable`, `model-config/invalid` for what the user named
 */
export function openModelConfig(
  asked: string | null,
  { serverArgs }: TraceSelection,
): ModelShape | null {
  if (asked !== null) return shapeIn(asked);
  const named = serverArgs?.value.model_path ?? serverArgs?.value.model;
  if (typeof named !== "string" || !existsSync(join(named, FILE))) return null;
  try {
    return shapeIn(named);
  } catch (error) {
    // Nobody asked for it: what cannot be read is as if it were not there.
    if (error instanceof TriageError) return null;
    throw error;
  }
}

const FILE = "config.json";

function shapeIn(path: string): ModelShape {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? join(path, FILE) : path;
  const value = parsed(file, textOf(file));
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(file, "it holds no object");
  const shape = readShape(value as Record<string, unknown>, file);
  if (shape.hidden !== null && shape.layers !== null) return shape;
  throw invalid(file, `it has no ${shape.hidden === null ? "hidden_size" : "num_hidden_layers"}`);
}

function textOf(file: string): string {
  try {
    return readSideText(file);
  } catch (cause) {
    throw new TriageError({
      code: "model-config/unreadable",
      exit: EXIT.unreadable,
      message: `The model's configuration cannot be read: ${(cause as Error).message}`,
      place: file,
      hint: "--model-config takes the config.json of the model's checkpoint, or the folder that holds it",
      cause,
    });
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw invalid(file, (cause as Error).message, cause);
  }
}

const invalid = (file: string, what: string, cause?: unknown): TriageError =>
  new TriageError({
    code: "model-config/invalid",
    exit: EXIT.unreadable,
    message: `The model's configuration cannot be used: ${what}.`,
    place: file,
    hint: "--model-config takes the config.json of the model's checkpoint as transformers reads it: hidden_size, num_hidden_layers, num_attention_heads, …",
    cause,
  });
