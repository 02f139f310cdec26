import { z } from "zod";
import { STAGE_WORDS, type StageName } from "../../model/framework.ts";
import { LEAST_MAX_TOKENS } from "../answer.ts";

/** Arguments that several tools have, and what a model is told of them. */
export const path = z
  .string()
  .min(1)
  .max(4096)
  .describe(
    "Trace file (.json, .json.gz, .json.zst) or the folder a profiler wrote to, relative to a root; example:NAME for a bundled one",
  );

export const mapping = path
  .optional()
  .describe("A run without CUDA graphs, or a graph capture, that lends its Python lines");

export const rank = z.number().int().min(0).optional().describe("Rank, where there are several");

export const stage = z
  .enum(Object.keys(STAGE_WORDS).filter((word) => word !== "all") as [string, ...string[]])
  .optional()
  .describe("Only this stage");

export const stageOf = (word: string | undefined): StageName | null =>
  word === undefined ? null : (STAGE_WORDS[word] ?? null);

export const maxTokens = z
  .number()
  .int()
  .min(LEAST_MAX_TOKENS)
  .max(100_000)
  .optional()
  .describe("Size of the answer; its last line says what was left out");
