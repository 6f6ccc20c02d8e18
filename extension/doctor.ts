import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { nodeEnvironment } from "./daemon/launch.ts";

export interface DoctorOptions {
  /** The built command line, dist/inferno.mjs. */
  readonly program: string;
  readonly home: () => string;
}

/** Runs `inferno doctor` into an output channel of its own, which works without a trusted workspace and without a terminal. */
export class Doctor implements vscode.Disposable {
  readonly #options: DoctorOptions;
  #channel: vscode.OutputChannel | null = null;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const channel = (this.#channel ??= vscode.window.createOutputChannel("Inferno Doctor"));
    const title = vscode.l10n.t("Inferno examines this machine");
    const output = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (_, token) => this.#examine(token));
    channel.clear();
    channel.append(output);
    channel.show();
  }

  dispose(): void {
    this.#channel?.dispose();
  }

  async #examine(token: vscode.CancellationToken): Promise<string> {
    const { program, home } = this.#options;
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const options = { env: { ...nodeEnvironment(home()), NO_COLOR: "1" }, signal: abort.signal, encoding: "utf8" as const };
    return await new Promise((resolve) => {
      // A finding is an exit code, too: the report is what counts, and an error of starting it is a report.
      execFile(process.execPath, [program, "doctor"], options, (error, stdout, stderr) => resolve(`${stdout}${stderr}` || `${error?.message ?? ""}\n`));
    });
  }
}
