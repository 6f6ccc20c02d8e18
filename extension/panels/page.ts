export interface PageOptions {
  /** The built page, as the daemon serves it to a plain browser. */
  readonly html: string;
  /** The address in the webview of a file beside the page. */
  readonly addressOf: (file: string) => string;
  /** What the webview's own files are served from. */
  readonly cspSource: string;
  readonly nonce: string;
}

/** The page for a webview: the same file as in a browser, with webview addresses and a policy that lets only our own script run. */
export function webviewPage({ html, addressOf, cspSource, nonce }: PageOptions): string {
  const policy = [
    "default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${cspSource}`, `font-src ${cspSource}`, `img-src ${cspSource} data:`,
    "base-uri 'none'", "form-action 'none'",
  ].join("; ");
  const addressed = html.replaceAll(/\b(src|href)="([\w.-]+)"/g, (_, name: string, file: string) => `${name}="${addressOf(file)}"`);
  const allowed = addressed.replaceAll("<script ", `<script nonce="${nonce}" `);
  return allowed.replace('<meta charset="utf-8" />', `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`);
}
