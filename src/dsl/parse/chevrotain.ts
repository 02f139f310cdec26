import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as Chevrotain from "chevrotain";

/**
 * chevrotain ships its code twice: as some seven hundred modules, which its name leads to, and as
 * one file beside them. Loading the one file takes a twentieth of the time, and that time was most
 * of what it took to start reading rules.
 */
const modules = createRequire(import.meta.url).resolve("chevrotain");
const bundle = new URL("../chevrotain.mjs", pathToFileURL(modules));
const loaded = (await import(existsSync(bundle) ? bundle.href : "chevrotain")) as typeof Chevrotain;

export const {
  CstParser,
  createToken,
  EOF,
  isRecognitionException,
  Lexer,
  tokenLabel,
  tokenMatcher,
} = loaded;
