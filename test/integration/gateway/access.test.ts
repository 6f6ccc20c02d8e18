import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, it } from "node:test";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";

let gateway: TestDaemon;
before(async () => void (gateway = await startTestDaemon()));
after(async () => await gateway[Symbol.asyncDispose]());

/** `fetch` does not let one choose Host. */
function get(path: string, headers: Record<string, string>): Promise<{ status: number; code: string | undefined; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    request(gateway.daemon.url + path, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        const code = /"code":"(\w+)"/.exec(text)?.[1];
        resolve({ status: response.statusCode ?? 0, code, headers: response.headers });
      });
    }).on("error", reject).end();
  });
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

it("answers with the token, under any name of this machine and through a forwarded port", async () => {
  const { port } = new URL(gateway.daemon.url);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost:9999", "LOCALHOST"]) {
    const { status } = await get("/v1/models", { host, ...bearer(gateway.daemon.token) });
    assert.equal(status, 200, host);
  }
});

it("refuses a missing, a wrong and a cut-off token", async () => {
  for (const headers of [{}, bearer("wrong"), bearer(gateway.daemon.token.slice(0, -1)), { authorization: `Basic ${gateway.daemon.token}` }]) {
    const answer = await get("/v1/models", headers);
    assert.deepEqual([answer.status, answer.code, answer.headers["www-authenticate"]], [401, "unauthorized", "Bearer"]);
  }
});

it("says nothing of a body before it has seen the token", async () => {
  const answer = await gateway.send("/v1/chat/completions", { body: "{", headers: { authorization: "Bearer wrong" } });
  assert.equal(answer.error.code, "unauthorized");
});

it("refuses names that are not its own, on open routes too (DNS rebinding)", async () => {
  for (const path of ["/v1/models", "/health", "/openapi.json", "/"]) {
    const answer = await get(path, { host: "rebound.example:11500", ...bearer(gateway.daemon.token) });
    assert.deepEqual([answer.status, answer.code], [403, "forbidden_origin"], path);
  }
});

it("refuses pages of other origins and serves its own", async () => {
  const { host } = new URL(gateway.daemon.url);
  const from = (origin: string) => get("/v1/models", { host, origin, ...bearer(gateway.daemon.token) });
  assert.equal((await from("https://elsewhere.example")).code, "forbidden_origin");
  assert.equal((await from("null")).code, "forbidden_origin");
  assert.equal((await from("http://localhost.elsewhere.example")).code, "forbidden_origin");
  assert.equal((await from(gateway.daemon.url)).status, 200);
});

it("needs no token for /health, /openapi.json and the panels, which carry a strict policy", async () => {
  assert.equal((await get("/health", {})).status, 200);
  assert.equal((await get("/openapi.json", {})).status, 200);
  for (const path of ["/", "/playground", "/flame"]) {
    const answer = await get(path, {});
    assert.notEqual(answer.status, 401);
    assert.match(String(answer.headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
  }
});
