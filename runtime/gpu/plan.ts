import { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";
import { packageScope } from "./packages.ts";
import type { Npm } from "./npm.ts";

/** One package to fetch, as the registry describes it. */
export interface PlannedPackage {
  /** Without scope. */
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, such as `sha512-…`: what the person agrees to is what gets installed. */
  readonly integrity: string;
  /** Size of the download; null when the registry does not tell. */
  readonly bytes: number | null;
}

export interface PlanDependencies {
  readonly npm: Npm;
  readonly fetch: typeof fetch;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const Dist = z.object({ integrity: z.string().optional(), tarball: z.string() });

/** Asks the configured registry for checksum and size of these packages. */
export async function planInstall(names: readonly string[], version: string, dependencies: PlanDependencies): Promise<PlannedPackage[]> {
  return await Promise.all(names.map((name) => describe(name, version, dependencies)));
}

async function describe(name: string, version: string, { npm, fetch, cwd, signal }: PlanDependencies): Promise<PlannedPackage> {
  const spec = `${packageScope}/${name}@${version}`;
  const answer = await npm(["view", spec, "dist", "--json"], { cwd, signal });
  const { integrity, tarball } = parseDist(answer, spec);
  if (integrity === undefined || !/^sha(256|384|512)-/.test(integrity)) {
    throw new InfernoError("install_failed", `The registry gives no checksum for ${spec}, so a download could not be verified.`);
  }
  return { name, version, integrity, bytes: await sizeOf(tarball, fetch, signal) };
}

function parseDist(answer: string, spec: string): z.infer<typeof Dist> {
  try {
    return Dist.parse(JSON.parse(answer));
  } catch (cause) {
    throw new InfernoError("install_failed", `npm view says nothing usable about ${spec}: ${answer.trim().slice(0, 200) || "an empty answer"}`, { cause });
  }
}

/** The size is a courtesy: a registry that wants a login for HEAD still installs through npm. */
async function sizeOf(tarball: string, request: typeof fetch, signal: AbortSignal): Promise<number | null> {
  try {
    const response = await request(tarball, { method: "HEAD", signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) });
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    return response.ok && Number.isSafeInteger(length) ? length : null;
  } catch {
    return null;
  }
}
