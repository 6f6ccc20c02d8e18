import type { Diagnostic } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { diagnose } from "../../../server/features/diagnostics.ts";
import { ManifestChecker } from "../../../server/features/manifest-diagnostics.ts";
import { GraphFiles } from "../../../server/features/onnx/graph-files.ts";
import { SourceChecker } from "../../../server/features/source-diagnostics.ts";
import { YamlService } from "../../../server/features/yaml-service.ts";
import { MemoryWorld } from "./memory-world.ts";

export const uri = "file:///work%20space/inferno.yaml";
export const manifestUri = "file:///work%20space/models/tiny/inferno.model.yaml";

/** The features over a world in memory. Text may hold one `|` for the cursor. */
export class ServerFixture {
  readonly world = new MemoryWorld();
  readonly errors: string[] = [];
  readonly yaml = new YamlService((message) => this.errors.push(message));
  readonly #graphs = new GraphFiles(this.world);
  readonly sources = new SourceChecker(this.world, this.#graphs);
  readonly manifests = new ManifestChecker(this.world, this.#graphs);

  document(text: string, documentUri = uri): TextDocument {
    return TextDocument.create(documentUri, "inferno", 1, text);
  }

  async diagnose(text: string, documentUri = uri): Promise<readonly Diagnostic[]> {
    return await diagnose(this, this.document(text, documentUri), { isCancellationRequested: false });
  }

  /** Each problem as `line:from-to "text under it" code message`: golden text that a person can check. */
  async report(text: string, documentUri = uri): Promise<string[]> {
    const document = this.document(text, documentUri);
    return (await this.diagnose(text, documentUri)).map(({ range, code, message }) => {
      const { start, end } = range;
      const until = start.line === end.line ? end.character : `${end.line}:${end.character}`;
      const shown = typeof message === "string" ? message : message.value;
      return `${start.line}:${start.character}-${until} ${JSON.stringify(document.getText(range))} ${String(code)} ${shown}`;
    });
  }

  atCursor(text: string, documentUri = uri) {
    const offset = text.indexOf("|");
    const document = this.document(text.slice(0, offset) + text.slice(offset + 1), documentUri);
    return { document, position: document.positionAt(offset) };
  }
}
