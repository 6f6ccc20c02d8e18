import assert from "node:assert/strict";
import { test } from "node:test";
import { planInstall } from "../../../../runtime/gpu/plan.ts";

const signal = new AbortController().signal;
const integrity = `sha512-${"A".repeat(86)}==`;
const tarball = "http://registry.invalid/a.tgz";

const plan = (answer: string, head: () => Promise<Response> = async () => new Response(null, { headers: { "content-length": "4200" } })) => {
  const asked: string[] = [];
  const npm = async (args: readonly string[]): Promise<string> => {
    asked.push(args.join(" "));
    return answer;
  };
  return { asked, packages: planInstall(["linux-x64-vulkan"], "3.2.1", { npm, fetch: head, cwd: "/", signal }) };
};

test("asks for exactly this version, and tells checksum and size", async () => {
  const { asked, packages } = plan(JSON.stringify({ integrity, tarball }));
  assert.deepEqual(await packages, [{ name: "linux-x64-vulkan", version: "3.2.1", integrity, bytes: 4200 }]);
  assert.deepEqual(asked, ["view @node-llama-cpp/linux-x64-vulkan@3.2.1 dist --json"]);
});

test("a size that nobody tells is unknown, not zero", async () => {
  const answer = JSON.stringify({ integrity, tarball });
  const unknown: (() => Promise<Response>)[] = [
    async () => new Response(null),
    async () => new Response(null, { status: 401, headers: { "content-length": "12" } }),
    async () => { throw new TypeError("fetch failed"); },
  ];
  for (const head of unknown) assert.equal((await plan(answer, head).packages)[0]?.bytes, null);
});

test("refuses what cannot be verified", async () => {
  for (const answer of [{ tarball }, { tarball, integrity: "" }, { tarball, integrity: "sha1-abc" }, { tarball, integrity: "md5-abc" }]) {
    await assert.rejects(plan(JSON.stringify(answer)).packages, { code: "install_failed", message: /checksum/ });
  }
  for (const answer of ["", "[]", "not json", "{}"]) {
    await assert.rejects(plan(answer).packages, { code: "install_failed", message: /linux-x64-vulkan@3\.2\.1/ });
  }
});
