/** Writes l10n/bundle.l10n.json: every text of the extension that `vscode.l10n.t` translates. Translators start from it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../base/package-root.ts";
import { bundleText } from "./translatable-texts.ts";

const root = packageRoot(import.meta.dirname);
writeFileSync(join(root, "l10n", "bundle.l10n.json"), bundleText(root));
