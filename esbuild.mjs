// Builds dist/. `--watch` rebuilds on change, `--minify` makes it small (the VSIX), `--quiet` prints errors only.
import { chmod, copyFile, glob, mkdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import * as esbuild from "esbuild";

const flags = new Set(process.argv.slice(2));
const root = import.meta.dirname;

/** Packages with native parts: they stay in node_modules and are loaded from there. */
const native = ["koffi", "better-sqlite3", "node-llama-cpp", "onnxruntime-node", "sharp"];

/** CommonJS packages inside an ES module still ask for these three. */
const cjsInEsm = [
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
].join("\n");

const node = {
  platform: "node",
  target: "node22.15",
  format: "esm",
  external: native,
  banner: { js: cjsInEsm },
  // Several language-server packages are UMD in `main`, whose inner require() a bundler cannot follow; `module` is plain.
  mainFields: ["module", "main"],
};

const browser = {
  platform: "browser",
  target: "es2022",
  format: "iife",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".ttf": "file", ".svg": "dataurl" },
};

/** Every bundle there is: output → entry. */
const bundles = [
  // The entry loads the rest when V8's cache of compiled code is in use: only what is imported from then on comes from it.
  { ...node, entry: "runtime/cli/main.ts", out: "inferno.mjs", executable: true, splitting: true, chunkNames: "inferno-[hash]" },
  // In parts, so that a host loads the libraries of its own engine and no others.
  { ...node, entry: "runtime/host/main.ts", out: "model-host.mjs", splitting: true, chunkNames: "model-host-[hash]" },
  { ...node, entry: "runtime/backends/llama/gpu-probe.ts", out: "gpu-probe.mjs" },
  { ...node, entry: "runtime/backends/onnx/provider-probe.ts", out: "onnx-probe.mjs" },
  { ...node, entry: "runtime/backends/onnx/lab/main.ts", out: "onnx-lab.mjs" },
  { ...node, entry: "server/main.ts", out: "server.mjs" },
  {
    ...node,
    entry: "extension/main.ts",
    out: "extension.cjs",
    format: "cjs",
    external: [...native, "vscode"],
    banner: {},
    define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
  },
  { ...browser, entry: "webviews/playground/main.tsx", out: "webviews/playground.js" },
  { ...browser, entry: "webviews/flame/main.tsx", out: "webviews/flame.js" },
  { ...browser, entry: "webviews/tokens/main.tsx", out: "webviews/tokens.js" },
];

/** Files that panels load beside their bundle, and their pages for a plain browser. */
const copies = [
  ["webviews/playground/index.html", "webviews/playground.html"],
  ["webviews/flame/index.html", "webviews/flame.html"],
  ["webviews/tokens/index.html", "webviews/tokens.html"],
  ["node_modules/@vscode/codicons/dist/codicon.css", "webviews/codicon.css"],
  ["node_modules/@vscode/codicons/dist/codicon.ttf", "webviews/codicon.ttf"],
];

const dist = (file) => join(root, "dist", file);
const log = (line) => flags.has("--quiet") || console.log(line);

function options({ entry, out, executable: _, ...rest }) {
  return {
    ...rest,
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: out.replace(/\.\w+$/, "") }],
    outdir: "dist",
    outExtension: { ".js": extname(out) },
    bundle: true,
    minify: flags.has("--minify"),
    sourcemap: flags.has("--minify") ? false : "linked",
    legalComments: "linked",
    logLevel: "warning",
    metafile: true,
    define: { "process.env.NODE_ENV": '"production"', ...rest.define },
  };
}

async function build(bundle) {
  const { metafile } = await esbuild.build(options(bundle));
  // A minified bundle has no map; one from an earlier build would name the wrong lines.
  if (flags.has("--minify")) await rm(`${dist(bundle.out)}.map`, { force: true });
  if (bundle.executable) await chmod(dist(bundle.out), 0o755);
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  log(`dist/${bundle.out}  ${(bytes / 1024).toFixed(0)} KiB`);
}

await mkdir(dist("webviews"), { recursive: true });
// Parts are named after their contents: those of an earlier build are nobody's.
for await (const file of glob(["inferno-*", "model-host-*"], { cwd: dist("") })) await rm(dist(file));
await Promise.all(copies.map(([from, to]) => copyFile(join(root, from), dist(to))));
if (flags.has("--watch")) {
  for (const bundle of bundles) await (await esbuild.context(options(bundle))).watch();
  log("watching");
} else {
  const outcomes = await Promise.allSettled(bundles.map(build));
  // esbuild has printed each error with its place already.
  if (outcomes.some(({ status }) => status === "rejected")) process.exitCode = 1;
}
