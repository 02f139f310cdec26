import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type CodeLens,
  type CompletionItem,
  createConnection,
  createMessageConnection,
  type Hover,
  type Location,
  type MessageConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node.js";
import { serve } from "../../src/language-server/server.ts";
import { temporaryFolderForAll } from "../support/temporary-folder.ts";

/** A client and the server, speaking the protocol over two streams. */
let client: MessageConnection;
const folder = temporaryFolderForAll();
let root: string;
const published: PublishDiagnosticsParams[] = [];
const waiting: (() => void)[] = [];

const RULE = "fuse/vllm/add-norm.fuse";
const uriOf = (path: string): string => pathToFileURL(join(root, path)).href;
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

beforeAll(async () => {
  root = folder();
  cpSync("test/dsl/checks/base", root, { recursive: true });
  const [up, down] = [new PassThrough(), new PassThrough()];
  serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)));
  client = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  client.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.push(params);
    for (const wake of waiting.splice(0)) wake();
  });
  client.onNotification("window/showMessage", () => {});
  client.onRequest("window/showMessageRequest", () => null);
  client.listen();
  await client.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  await client.sendNotification("initialized", {});
});
afterAll(async () => {
  await client.sendRequest("shutdown");
  client.dispose();
});
beforeEach(() => {
  published.length = 0;
});

let version = 0;
const opened = new Set<string>();
/** Opens a file with a text of the editor's own, as if it had just been typed. */
async function open(path: string, text = textOf(path)): Promise<void> {
  const uri = uriOf(path);
  if (opened.has(uri)) {
    published.length = 0;
    await client.sendNotification("textDocument/didClose", { textDocument: { uri } });
    expect(await remarksOn(path)).toEqual([]);
  }
  opened.add(uri);
  published.length = 0;
  await client.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "fuse", version: ++version, text },
  });
}

async function remarksOn(path: string) {
  for (;;) {
    const found = published.findLast(({ uri }) => uri === uriOf(path));
    if (found !== undefined) return found.diagnostics;
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
}

/** Line and character of a text's place, `^` behind it counted from its start. */
function positionOf(path: string, piece: string, text = textOf(path)) {
  const offset = text.indexOf(piece);
  expect(offset).toBeGreaterThanOrEqual(0);
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)!.length };
}

const ask = <Answer>(method: string, path: string, piece: string, more = {}, text?: string) =>
  client.sendRequest<Answer>(`textDocument/${method}`, {
    textDocument: { uri: uriOf(path) },
    position: positionOf(path, piece, text),
    ...more,
  });

test("a sound file has no remarks; a mistake has lint's, with code, place and remedy", async () => {
  await open(RULE);
  expect(await remarksOn(RULE)).toEqual([]);
  await open(RULE, textOf(RULE).replace("framework in", "framwork in"));
  expect(await remarksOn(RULE)).toMatchObject([
    {
      code: "unknown-word",
      severity: 1,
      source: "fuse",
      message: "no fact is called `framwork`\ndid you mean `framework`?",
      range: { start: { line: 10, character: 4 } },
    },
  ]);
});

test("checks of the whole base and the embedded tests speak as well", async () => {
  await open(
    RULE,
    textOf(RULE).replace("expect match split 2 times", "expect match split 3 times"),
  );
  expect((await remarksOn(RULE)).map(({ code }) => code)).toEqual(["failing-test"]);
  await open(RULE, textOf(RULE).replace("rule add-norm", "rule add-nrm"));
  expect((await remarksOn(RULE)).map(({ code }) => code)).toContain("file-place");
});

test("a class shows what it is and which kernels it holds, a fact what it means", async () => {
  await open(RULE);
  const hover = await ask<Hover>("hover", RULE, "plain as norm");
  expect(hover.contents).toMatchObject({ kind: "markdown" });
  const { value } = hover.contents as { value: string };
  expect(value).toContain("let plain = ");
  expect(value).toMatch(/\d+ known kernels? may be one/);
  const fact = await ask<Hover>("hover", RULE, "framework in");
  expect(fact.contents).toMatchObject({
    value: expect.stringContaining("serving engine that wrote the trace"),
  });
});

test("a class leads to its library, an import to its file, a capture to its step", async () => {
  await open(RULE);
  const lets = await ask<Location>("definition", RULE, "residual_add as add");
  expect(lets.uri).toBe(uriOf("lib/norm.fuse"));
  expect(lets.range.start).toEqual(positionOf("lib/norm.fuse", "residual_add ="));
  expect((await ask<Location>("definition", RULE, "lib/norm")).uri).toBe(uriOf("lib/norm.fuse"));
  const capture = await ask<Location>("definition", RULE, "add.name}");
  expect(capture.range.start).toEqual(positionOf(RULE, "add -> [gap"));
});

test("completion knows the classes of a module, facts, their values, and sections", async () => {
  const labels = async (text: string, piece: string) => {
    await open(RULE, text);
    const items = await ask<CompletionItem[]>("completion", RULE, piece, {}, text);
    return items.map(({ label }) => label);
  };
  const text = textOf(RULE);
  expect(await labels(text.replace("active norm.add_norm", "active norm.|"), "|\n")).toContain(
    "add_norm",
  );
  const facts = text.replace("    framework in", "    |\n    framework in");
  expect(await labels(facts, "|\n")).toContain("vendor");
  const values = text.replace("framework in [vllm", "vendor = |\n    framework in [vllm");
  expect(await labels(values, "|\n")).toEqual(["nvidia", "amd", "unknown"]);
  expect(await labels(text.replace("  report share", "  |\n  report share"), "|\n")).toContain(
    "subsumes",
  );
});

test("formatting writes the one format", async () => {
  const text = textOf(RULE);
  await open(RULE, text.replace("  report share", "       report    share"));
  const edits = await client.sendRequest<TextEdit[]>("textDocument/formatting", {
    textDocument: { uri: uriOf(RULE) },
    options: { tabSize: 2, insertSpaces: true },
  });
  expect(edits).toHaveLength(1);
  expect(edits[0]!.newText).toBe(text);
});

test("renaming a class of a library changes every file that uses it", async () => {
  await open(RULE);
  const edit = await ask<WorkspaceEdit>("rename", RULE, "residual_add as add", { newName: "sum" });
  const files = Object.keys(edit.changes!);
  expect(files).toContain(uriOf("lib/norm.fuse"));
  expect(files).toContain(uriOf(RULE));
  expect(files.length).toBeGreaterThan(2);
  for (const edits of Object.values(edit.changes!))
    for (const { newText } of edits) expect(newText).toBe("sum");
});

test("renaming a capture follows it into the messages; a rule's name is its file's", async () => {
  await open(RULE);
  const edit = await ask<WorkspaceEdit>("rename", RULE, "add -> [gap", { newName: "plus" });
  expect(edit.changes![uriOf(RULE)]).toHaveLength(2);
  await expect(ask("rename", RULE, "add-norm :", { newName: "x" })).rejects.toThrow(
    "rename the file",
  );
  await expect(ask("rename", RULE, "add -> [gap", { newName: "1x" })).rejects.toThrow("no name");
});

test("a lens runs the tests of the rule, or one of them, as they are in the editor", async () => {
  await open(RULE);
  const lenses = await client.sendRequest<CodeLens[]>("textDocument/codeLens", {
    textDocument: { uri: uriOf(RULE) },
  });
  expect(lenses.map(({ command }) => command!.title).slice(0, 2)).toEqual([
    "run this rule's 3 tests",
    "run this test",
  ]);
  const run = () =>
    client.sendRequest<{ passed: boolean; text: string }>("workspace/executeCommand", {
      command: lenses[0]!.command!.command,
      arguments: lenses[0]!.command!.arguments,
    });
  expect(await run()).toEqual({ passed: true, text: "add-norm: 3 of 3 tests pass" });
  await open(
    RULE,
    textOf(RULE).replace("expect match split 2 times", "expect match split 3 times"),
  );
  expect(await run()).toMatchObject({ passed: false });
});

test("half a file does not stop the server", async () => {
  await open(RULE, textOf(RULE).slice(0, 300));
  expect((await remarksOn(RULE)).map(({ code }) => code)).toContain("syntax");
  await open(RULE, "");
  expect((await remarksOn(RULE)).length).toBeGreaterThan(0);
  await open(RULE);
  expect(await remarksOn(RULE)).toEqual([]);
});
