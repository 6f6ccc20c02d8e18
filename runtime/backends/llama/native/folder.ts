import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { InfernoError } from "../../../../protocol/errors.ts";

/** Where the llama.cpp libraries are looked for. */
export interface LibrarySearch {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** node_modules is searched from here upwards. */
  readonly from: string;
  /** The state folder: `inferno gpu install` puts GPU packages under `gpu/` of it. */
  readonly home: string;
  /** What the library is built for. There is no CPU library beside Metal's. */
  readonly gpu: LibraryKind;
}

export type LibraryKind = "cpu" | "cuda" | "vulkan" | "metal";

export interface LibraryFolder {
  readonly name: string;
  readonly path: string;
  /** The llama.cpp release that it was built from. */
  readonly release: string;
  readonly files: { readonly llama: string; readonly ggml: string; readonly ggmlBase: string };
  /** Folder of a GPU backend built for older drivers, tried when the newer one finds no device. */
  readonly fallback: string | undefined;
}

/** Finds the shared libraries that node-llama-cpp's platform packages carry: `@node-llama-cpp/NAME/bins/NAME`. */
export function findLibraryFolder(search: LibrarySearch): LibraryFolder {
  const name = packageName(search);
  const path = binsFolder(search, name, name);
  if (path !== undefined) return describe(search, name, path);
  throw new InfernoError("engine_unsupported", `No llama.cpp library is installed for ${search.platform} ${search.arch} (looked for @node-llama-cpp/${name}).`);
}

/** On Apple silicon the only library is the Metal one; it computes on the CPU when no layer is offloaded. */
function packageName({ platform, arch, gpu }: LibrarySearch): string {
  if (platform === "darwin") return arch === "arm64" ? "mac-arm64-metal" : `mac-${arch}`;
  const plain = `${platform === "win32" ? "win" : platform}-${arch === "arm" ? "armv7l" : arch}`;
  return gpu === "cpu" ? plain : `${plain}-${gpu}`;
}

function binsFolder({ from, home }: LibrarySearch, packageName: string, name: string): string | undefined {
  const roots = [join(home, "gpu")];
  for (let folder = from; ; folder = dirname(folder)) {
    roots.push(join(folder, "node_modules"));
    if (folder === dirname(folder)) break;
  }
  // A package that npm replaced by an empty one (package.json `overrides`) has no bins folder.
  return roots.map((root) => join(root, "@node-llama-cpp", packageName, "bins", name)).find((path) => existsSync(path));
}

function describe(search: LibrarySearch, name: string, path: string): LibraryFolder {
  const entries = readdirSync(path);
  // The llama and ggml libraries carry the kind of GPU, if any, and the release in their names; ggml-base does not.
  const file = (stem: string): string => {
    const pattern = new RegExp(String.raw`^(?:lib)?${stem}(?:\.(?:cuda|metal|vulkan))?(?:\.v[\d.]+\d)?\.(?:so|dylib|dll)$`);
    const found = entries.find((entry) => pattern.test(entry));
    if (found === undefined) throw new InfernoError("engine_unsupported", `${path} holds no ${stem} library.`);
    return join(path, found);
  };
  const extension = binsFolder(search, `${name}-ext`, name);
  return {
    name,
    path,
    release: readRelease(path),
    files: { llama: file("llama"), ggml: file("ggml"), ggmlBase: file("ggml-base") },
    fallback: [join(extension ?? path, "fallback")].find((folder) => existsSync(folder)),
  };
}

function readRelease(path: string): string {
  const file = join(path, "_nlcBuildMetadata.json");
  try {
    const metadata = JSON.parse(readFileSync(file, "utf8")) as { buildOptions?: { llamaCpp?: { release?: unknown } } };
    const release = metadata.buildOptions?.llamaCpp?.release;
    if (typeof release === "string") return release;
  } catch (cause) {
    throw new InfernoError("engine_unsupported", `Cannot read which llama.cpp release the library is: ${file}.`, { cause });
  }
  throw new InfernoError("engine_unsupported", `${file} does not name a llama.cpp release.`);
}
