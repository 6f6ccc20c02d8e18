import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface FakePackage {
  readonly name: string;
  readonly version: string;
  /** Path inside the package → text; package.json is added. */
  readonly files: Readonly<Record<string, string>>;
  /** What is served instead of the package that the checksum belongs to. */
  readonly tampered?: boolean | undefined;
  /** The registry tells no checksum. */
  readonly withoutIntegrity?: boolean | undefined;
  /** The download begins and never ends. */
  readonly stalls?: boolean | undefined;
}

export interface FakeRegistry {
  readonly url: string;
  /** Environment for an npm that uses this registry and nothing of the person's. */
  readonly env: NodeJS.ProcessEnv;
  /** Paths asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** An npm registry on the loopback with a few small packages, enough for `npm view` and `npm install`. */
export async function startNpmRegistry(packages: readonly FakePackage[], folder: string): Promise<FakeRegistry> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    requests.push(`${request.method ?? ""} ${path}`);
    const described = packages.filter(({ name }) => path === `/${name}`);
    const wanted = packages.find((each) => path === tarballPath(each));
    if (wanted !== undefined) sendTarball(response, wanted);
    else if (described.length > 0) sendJson(response, 200, packument(described, `http://${request.headers.host ?? ""}`));
    else sendJson(response, 404, { error: "not_found" });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = {
    PATH: process.env["PATH"], npm_config_registry: url, npm_config_userconfig: `${folder}/none`, npm_config_globalconfig: `${folder}/none-either`,
    npm_config_cache: `${folder}/npm-cache`, npm_config_update_notifier: "false", npm_config_fetch_retries: "0", NO_PROXY: "127.0.0.1", HOME: folder,
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url, env, requests, close };
}

const tarballPath = ({ name, version }: FakePackage): string => `/${name}/-/${name.split("/").at(-1) ?? ""}-${version}.tgz`;
const tarballOf = ({ name, version, files }: FakePackage): Buffer =>
  gzipSync(tar({ "package.json": JSON.stringify({ name, version }), ...files }));

function packument(versions: readonly FakePackage[], origin: string): unknown {
  const describe = (each: FakePackage) => {
    const bytes = tarballOf(each);
    const integrity = each.withoutIntegrity === true ? {} : { integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` };
    return { name: each.name, version: each.version, dist: { tarball: origin + tarballPath(each), shasum: createHash("sha1").update(bytes).digest("hex"), ...integrity } };
  };
  const latest = versions.at(-1)?.version;
  return { name: versions[0]?.name, "dist-tags": { latest }, versions: Object.fromEntries(versions.map((each) => [each.version, describe(each)])) };
}

function sendTarball(response: ServerResponse, wanted: FakePackage): void {
  const bytes = tarballOf(wanted.tampered === true ? { ...wanted, files: { ...wanted.files, "bins/evil": "x" } } : wanted);
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
  if (wanted.stalls === true && response.req.method !== "HEAD") response.write(bytes.subarray(0, 10));
  else response.end(bytes);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** A ustar archive: a 512-byte header per file, content padded to 512 bytes, two empty blocks at the end. */
function tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
    header.write(`package/${path}`, 0);
    header.write(octal(0o644, 8), 100);
    header.write(octal(content.length, 12), 124);
    header.write(octal(0, 12), 136);
    header.write("        0", 148);
    header.write("ustar\x0000", 257);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
