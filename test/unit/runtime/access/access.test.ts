import assert from "node:assert/strict";
import { hostname } from "node:os";
import { it } from "node:test";
import { Access, newToken } from "../../../../runtime/access/access.ts";

const refusal = (act: () => void): string | null => {
  try {
    act();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it("makes tokens of 256 bits, never the same", () => {
  assert.equal(Buffer.from(newToken(), "base64url").length, 32);
  assert.notEqual(newToken(), newToken());
});

it("compares tokens of any length, in any letter case of the scheme", () => {
  const access = new Access({ token: "secret", host: "127.0.0.1" });
  const check = (authorization?: string) => refusal(() => access.checkToken({ authorization }));
  assert.deepEqual([check("Bearer secret"), check("bearer  secret ")], [null, null]);
  for (const wrong of [undefined, "", "secret", "Bearer", "Bearer secre", "Bearer secrets", "Bearer sec ret", "Basic secret"]) assert.equal(check(wrong), "unauthorized", wrong);
});

it("on loopback serves loopback names only", () => {
  const access = new Access({ token: "t", host: "127.0.0.1" });
  const check = (host?: string) => refusal(() => access.checkOrigin({ host }));
  for (const host of ["localhost", "localhost:1", "127.0.0.1:11500", "[::1]:11500", "LOCALHOST"]) assert.equal(check(host), null, host);
  for (const host of [undefined, "", "evil.example", "localhost.evil.example", "evil.example:11500", "127.0.0.1.evil.example", "192.168.1.7:11500", hostname() + ".x", "[::1", "localhost:1:2"]) {
    assert.equal(check(host), "forbidden_origin", host);
  }
});

it("listening everywhere serves addresses and the machine's own name, but no other name", () => {
  const access = new Access({ token: "t", host: "0.0.0.0" });
  const check = (host: string) => refusal(() => access.checkOrigin({ host }));
  for (const host of ["192.168.1.7:11500", "[fe80::1]:11500", `${hostname()}:11500`]) assert.equal(check(host), null, host);
  assert.equal(check("evil.example"), "forbidden_origin");
});

it("lets pages of its own address in only", () => {
  const access = new Access({ token: "t", host: "127.0.0.1" });
  const check = (origin: string) => refusal(() => access.checkOrigin({ host: "localhost:11500", origin }));
  assert.deepEqual([check("http://localhost:11500"), check("https://localhost:11500")], [null, null]);
  for (const origin of ["http://localhost:3000", "http://evil.example", "null", "vscode-webview://x"]) assert.equal(check(origin), "forbidden_origin");
});
