import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Nothing from elsewhere, nothing inline: a page of the daemon holds its token. */
const contentSecurityPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join("; ");

const pages = { "/": "playground", "/playground": "playground", "/flame": "flame", "/tokens": "tokens" } as const;

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Inferno</title>
<h1>The panels are not built</h1><p>Run <code>npm run build</code> in Inferno's folder, then load this page again.</p>`;

/** The panels for a plain browser: the same bundles as in VS Code. They need no token; what they show does. */
export async function servePanels(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, index: false, cacheControl: false });
  const send = (reply: FastifyReply, file: string): FastifyReply => {
    void reply.headers({ "content-security-policy": contentSecurityPolicy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-cache" });
    return reply.sendFile(file);
  };
  for (const [path, page] of Object.entries(pages)) {
    app.get(path, (_request, reply) => {
      if (existsSync(join(folder, `${page}.html`))) return send(reply, `${page}.html`);
      return reply.status(503).header("content-security-policy", contentSecurityPolicy).type("text/html; charset=utf-8").send(notBuilt);
    });
  }
  // One flat folder of built files; whatever else is asked for is not found in our own words.
  app.get<{ Params: { file: string } }>("/:file", (request, reply) => {
    const { file } = request.params;
    if (/^[\w-]+\.(?:js|js\.map|css|css\.map|ttf)$/.test(file) && existsSync(join(folder, file))) return send(reply, file);
    reply.callNotFound();
    return reply;
  });
}
