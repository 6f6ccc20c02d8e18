import websocket, { type WebSocket } from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import type { Route, Received } from "../../protocol/route.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { parse, type Mounted } from "./mount.ts";

/** One message; a second of 16-bit sound at 192 kHz takes 384 kB. */
const largestMessage = 4 * 1024 * 1024;
/** The name that a browser's page asks for; it cannot set headers, and sends its token as a second one, `bearer.TOKEN`. */
const protocol = "inferno";

export async function acceptSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, { options: { maxPayload: largestMessage, handleProtocols: (offered: Set<string>) => (offered.has(protocol) ? protocol : false) } });
}

/** Puts a route over a WebSocket into the server; what is wrong before the upgrade is answered as HTTP. */
export function mountSocket<R extends Route>({ app, access }: Mounted, route: R, handler: (received: Pick<Received<NoInfer<R>>, "query">, socket: WebSocket) => void): void {
  app.route({
    method: "GET", url: route.path,
    onRequest: async ({ headers }) => access.checkToken({ authorization: headers.authorization ?? bearerIn(headers["sec-websocket-protocol"]) }),
    preHandler: async ({ query, ws }) => {
      parse(route.query, query);
      if (!ws) throw new InfernoError("invalid_request", `${route.path} is a WebSocket: ask for the upgrade, or POST a whole file.`);
    },
    handler: async (_, reply) => await reply.code(426).send(),
    // The query was parsed by the schema that its type is derived from.
    wsHandler: (socket, { query }) => handler({ query: parse(route.query, query) } as Pick<Received<R>, "query">, socket),
  });
}

function bearerIn(offered: string | undefined): string | undefined {
  const [, token] = /(?:^|,)\s*bearer\.([A-Za-z0-9_-]+)/.exec(offered ?? "") ?? [];
  return token === undefined ? undefined : `Bearer ${token}`;
}
