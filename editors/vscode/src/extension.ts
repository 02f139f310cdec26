import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ExtensionContext, window, workspace } from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

let client: LanguageClient | null = null;

/** Starts the language server that the workspace has, else the one that is set. */
export async function activate(context: ExtensionContext): Promise<void> {
  const module = serverModule();
  if (module === null) {
    const text = "No fuse-triage found: build it (npm run build), install it, or set fuse.server.";
    void window.showWarningMessage(text);
    return;
  }
  const run = { module, transport: TransportKind.stdio, args: ["language-server"] };
  client = new LanguageClient(
    "fuse",
    "Fuse rules",
    { run, debug: run },
    { documentSelector: [{ scheme: "file", language: "fuse" }] },
  );
  context.subscriptions.push(client);
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** The `rules` program: of the setting, of this repository, or of a project that depends on it. */
function serverModule(): string | null {
  const set = workspace.getConfiguration("fuse").get<string>("server") ?? "";
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const places = folders.flatMap((folder) => [
    join(folder, "dist/cli/rules.js"),
    join(folder, "node_modules/fuse-triage/dist/cli/rules.js"),
  ]);
  return [...(set === "" ? [] : [set]), ...places].find((path) => existsSync(path)) ?? null;
}
