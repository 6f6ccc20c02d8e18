/** `vscode.l10n.t`, given to the parts that do not know VS Code. Placeholders are `{0}`, `{1}`, … */
export type Translate = (message: string, ...values: (string | number)[]) => string;
