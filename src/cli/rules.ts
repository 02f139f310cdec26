#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { RULES } from "./rules/program.ts";
import { runProgram } from "./run-program.ts";

const args = process.argv.slice(2);

/**
 * Most commands go once over much code and are done before optimised code would pay for itself;
 * compiling it took a third of the time of `lint`. Reading traces and trying mutants is worth it.
 * The V8 of Node 20 can be told to wait until code has run for long; later ones count otherwise.
 */
const isLong = args[0] === "explain" || args.includes("--mutants");
const isPatient = process.versions.v8.startsWith("11.");
if (!isLong) setFlagsFromString(isPatient ? "--interrupt-budget=1000000" : "--no-opt");

await runProgram(RULES, args);
