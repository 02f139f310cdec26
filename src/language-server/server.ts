import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  DiagnosticSeverity,
  type Diagnostic as EditorDiagnostic,
  type Range,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  type TextEdit,
} from "vscode-languageserver/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatFuse } from "../dsl/format/index.ts";
import type { LoadedFile } from "../dsl/load-texts.ts";
import { formatWork } from "../dsl/work/format.ts";
import { isWorkText } from "../dsl/work/parse.ts";
import type { Diagnostic, SourceRange } from "../model/diagnostic.ts";
import { type Proposal, proposalsAt } from "./completion.ts";
import { definitionOf, occurrencesOf, type Place } from "./definition.ts";
import { hoverText } from "./hover.ts";
import { lensesOf, RUN_TESTS, testsText } from "./lenses.ts";
import { type Meaning, meaningAt } from "./meaning.ts";
import { renameFault } from "./rename.ts";
import { RuleWorkspace, rulesRootOf } from "./workspace.ts";

/** Quiet time after a key before the rules are looked at again, milliseconds. */
const REST_MS = 250;

/**
 * Serves `.fuse` files over the Language Server Protocol: what lint says, what a word means and where
 * it is written, what may come next, one format, one name for another, and a rule's tests at a click.
 */
export function serve(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  const workspaces = new Map<string, RuleWorkspace>();
  let timer: NodeJS.Timeout | null = null;

  const workspaceOf = (file: string): RuleWorkspace => {
    const root = rulesRootOf(file);
    let workspace = workspaces.get(root);
    if (workspace === undefined) {
      workspace = new RuleWorkspace(root);
      workspaces.set(root, workspace);
    }
    return workspace;
  };

  /** The document, its file as parsed, and what stands at a place of it. */
  const at = (uri: string, position: { line: number; character: number }) => {
    const document = documents.get(uri);
    if (document === undefined) return null;
    const path = fileURLToPath(uri);
    const workspace = workspaceOf(path);
    const file = workspace.fileAt(path);
    if (file === null) return null;
    const offset = document.offsetAt(position);
    return { document, workspace, file, offset, meant: meaningAt(file, offset) };
  };

  const publish = async (): Promise<void> => {
    for (const workspace of workspaces.values())
      for (const [file, found] of await workspace.diagnostics()) {
        const uri = documents.keys().find((one) => fileURLToPath(one) === file);
        if (uri === undefined) continue;
        const diagnostics = found.map((one) =>
          editorDiagnostic(one, documents.get(uri)!, workspace),
        );
        await connection.sendDiagnostics({ uri, diagnostics });
      }
  };
  const publishSoon = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      publish().catch((error: unknown) => connection.window.showErrorMessage(String(error)));
    }, REST_MS);
  };

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      hoverProvider: true,
      definitionProvider: true,
      referencesProvider: true,
      completionProvider: { triggerCharacters: [".", '"', " "] },
      documentFormattingProvider: true,
      renameProvider: { prepareProvider: true },
      codeLensProvider: {},
      executeCommandProvider: { commands: [RUN_TESTS] },
    },
    serverInfo: { name: "fuse-triage" },
  }));
  connection.onShutdown(() => {
    if (timer !== null) clearTimeout(timer);
  });

  documents.onDidChangeContent(({ document }) => {
    const file = fileURLToPath(document.uri);
    workspaceOf(file).set(file, document.getText());
    publishSoon();
  });
  documents.onDidClose(async ({ document }) => {
    const file = fileURLToPath(document.uri);
    workspaceOf(file).set(file, null);
    await connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.onHover(async ({ textDocument, position }) => {
    const found = at(textDocument.uri, position);
    if (found?.meant == null) return null;
    const value = hoverText(await found.workspace.context(), found.file, found.meant);
    if (value === null) return null;
    return {
      contents: { kind: "markdown", value },
      range: rangeIn(found.document, found.meant.range),
    };
  });

  connection.onDefinition(({ textDocument, position }) => {
    const found = at(textDocument.uri, position);
    if (found?.meant == null) return null;
    const place = definitionOf(found.workspace.load(), found.file, found.meant);
    return place === null ? null : locationOf(place);
  });

  connection.onReferences(({ textDocument, position }) => {
    const found = at(textDocument.uri, position);
    if (found?.meant == null) return [];
    return occurrencesOf(found.workspace.load(), found.file, found.meant).map(locationOf);
  });

  connection.onCompletion(({ textDocument, position }): CompletionItem[] => {
    const found = at(textDocument.uri, position);
    if (found === null) return [];
    const before = found.document.getText().slice(0, found.offset);
    return proposalsAt(found.workspace.load(), found.file, before).map(itemOf);
  });

  connection.onDocumentFormatting(({ textDocument }): TextEdit[] => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    const text = document.getText();
    const formatted = isWorkText(text) ? formatWork(text) : formatFuse(text);
    if (formatted === null || formatted === text) return [];
    return [{ range: rangeIn(document, { start: 0, end: text.length }), newText: formatted }];
  });

  connection.onPrepareRename(({ textDocument, position }) => {
    const found = at(textDocument.uri, position);
    if (found?.meant == null || renameFault(found.meant, "x") !== null) return null;
    return rangeIn(found.document, innerRange(found.meant));
  });

  connection.onRenameRequest(({ textDocument, position, newName }) => {
    const found = at(textDocument.uri, position);
    if (found?.meant == null) return null;
    const { meant } = found;
    const fault = renameFault(meant, newName);
    if (fault !== null) return new ResponseError<void>(INVALID_PARAMS, fault);
    const changes: Record<string, TextEdit[]> = {};
    for (const place of occurrencesOf(found.workspace.load(), found.file, meant)) {
      const { uri } = locationOf(place);
      const range = rangeIn(documentOf(place.file), innerRange({ ...meant, range: place.range }));
      changes[uri] = [...(changes[uri] ?? []), { range, newText: newName }];
    }
    return { changes };
  });

  connection.onCodeLens(({ textDocument }): CodeLens[] => {
    const path = fileURLToPath(textDocument.uri);
    const file = workspaceOf(path).fileAt(path);
    if (file === null) return [];
    const document = documentOf(file);
    return lensesOf(file).map(({ range, title, arguments: args }) => ({
      range: rangeIn(document, range),
      command: { title, command: RUN_TESTS, arguments: [textDocument.uri, ...args] },
    }));
  });

  connection.onExecuteCommand(({ command, arguments: args }) => {
    if (command !== RUN_TESTS) return null;
    const [uri, rule, test] = (args ?? []) as [string, string, string | undefined];
    const { ruleSet } = workspaceOf(fileURLToPath(uri)).load();
    const { text, passed } = testsText(ruleSet, rule, test ?? null);
    if (passed) connection.window.showInformationMessage(text);
    else connection.window.showErrorMessage(text);
    return { passed, text };
  });

  documents.listen(connection);
  connection.listen();
}

const INVALID_PARAMS = -32602;

const documentOf = ({ file, text }: LoadedFile): TextDocument =>
  TextDocument.create(pathToFileURL(file).href, "fuse", 0, text);

const locationOf = ({ file, range }: Place) => {
  const document = documentOf(file);
  return { uri: document.uri, range: rangeIn(document, range) };
};

const rangeIn = (
  document: TextDocument,
  { start, end }: Pick<SourceRange, "start" | "end">,
): Range => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});

/** A title without its quotes. */
const innerRange = ({ kind, range }: Meaning): Pick<SourceRange, "start" | "end"> =>
  kind === "test" ? { start: range.start + 1, end: range.end - 1 } : range;

function editorDiagnostic(
  { code, severity, message, help, range, related }: Diagnostic,
  document: TextDocument,
  workspace: RuleWorkspace,
): EditorDiagnostic {
  const { files } = workspace.load();
  return {
    source: "fuse",
    code,
    severity: severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    message: help === undefined ? message : `${message}\n${help}`,
    range: rangeIn(document, range),
    relatedInformation: (related ?? []).flatMap((one) => {
      const file = files.find((it) => it.file === one.file);
      return file === undefined
        ? []
        : [{ location: locationOf({ file, range: one.range }), message: one.message }];
    }),
  };
}

const KINDS = {
  class: CompletionItemKind.Class,
  module: CompletionItemKind.Module,
  fact: CompletionItemKind.Variable,
  value: CompletionItemKind.EnumMember,
  keyword: CompletionItemKind.Keyword,
  rule: CompletionItemKind.Function,
  test: CompletionItemKind.Reference,
  field: CompletionItemKind.Field,
} as const satisfies Record<Proposal["kind"], CompletionItemKind>;

const itemOf = ({ label, detail, kind }: Proposal): CompletionItem => ({
  label,
  detail,
  kind: KINDS[kind],
});
