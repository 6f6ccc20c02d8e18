import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { packageRoot } from "../../../base/package-root.ts";
import { webviewPage } from "../../../extension/panels/page.ts";

const cspSource = "https://*.vscode-cdn.net";

suite("page of a panel", () => {
  for (const panel of ["playground", "flame", "tokens"]) {
    const html = readFileSync(join(packageRoot(import.meta.dirname), "webviews", panel, "index.html"), "utf8");
    const page = webviewPage({ html, addressOf: (file) => `${cspSource}/${file}`, cspSource, nonce: "n0nce" });

    test(`${panel}: only our script may run, and nothing may be fetched`, () => {
      const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)" \/>/.exec(page)?.[1] ?? "";
      assert.match(policy, /^default-src 'none'; script-src 'nonce-n0nce';/);
      assert.doesNotMatch(policy, /unsafe|connect-src|\*;/);
      // Before anything that it governs.
      assert.ok(page.indexOf("Content-Security-Policy") < page.indexOf("<link"));
      const scripts = [...page.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
      assert.ok(scripts.length > 0 && scripts.every((tag) => tag.includes('nonce="n0nce"')));
    });

    test(`${panel}: its files come from the webview's address`, () => {
      const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
      assert.ok(files.includes(`${cspSource}/${panel}.js`));
      assert.deepEqual(files.filter((address) => !address.startsWith(cspSource) && !address.startsWith("data:")), []);
    });
  }
});
