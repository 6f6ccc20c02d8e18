import Fastify, { type FastifyInstance } from "fastify";
import type { Route } from "../../protocol/route.ts";
import { routes } from "../../protocol/routes.ts";
import type { Access } from "../access/access.ts";
import { mountGenerateRoutes, type GenerateDeps } from "./routes/generate.ts";
import { mountDebugRoutes, type DebugDeps } from "./routes/debug.ts";
import { mountDaemonRoutes, type DaemonControl } from "./routes/daemon.ts";
import { mountModelRoutes } from "./routes/models.ts";
import { mountInfillRoute } from "./routes/infill.ts";
import { mountStateRoutes, type StateDeps } from "./routes/states.ts";
import { mountTaskRoutes } from "./routes/tasks.ts";
import { mountAudioRoutes } from "./routes/audio.ts";
import { mountInferRoute } from "./routes/infer.ts";
import { mountTextRoutes } from "./routes/text.ts";
import { mountTraceRoutes } from "./routes/traces.ts";
import { mountVadStream } from "./routes/vad-stream.ts";
import { mountVisionRoutes } from "./routes/vision.ts";
import { readJsonBodies } from "./body.ts";
import { handleErrors, refuseBadUrl, refuseBrokenHttp } from "./errors.ts";
import { readForms } from "./form.ts";
import { acceptSockets } from "./socket.ts";
import { servePanels } from "./panels.ts";

export interface HttpDeps extends GenerateDeps, StateDeps, DebugDeps {
  readonly access: Access;
  readonly control: DaemonControl;
  /** Folder of the built panels. */
  readonly panels: string;
}

/** The only name by which other rooms know the HTTP framework. */
export type HttpServer = FastifyInstance;

/** Room for a prompt of some million tokens; more is a mistake. */
const bodyLimit = 16 * 1024 * 1024;

/** The HTTP server with all routes of the contract; the caller lets it listen. */
export async function createHttpServer(deps: HttpDeps): Promise<HttpServer> {
  const { access, control } = deps;
  // On close, connections that wait for a next request are not waited for.
  const app = Fastify({ bodyLimit, forceCloseConnections: "idle", clientErrorHandler: refuseBrokenHttp, frameworkErrors: refuseBadUrl });
  const receivedUs = readJsonBodies(app, deps.clock);
  await readForms(app);
  await acceptSockets(app);
  handleErrors(app, { routes: Object.values<Route>(routes), onServerError: deps.onServerError });
  app.addHook("onRequest", async (request) => access.checkOrigin(request.headers));

  const to = { app, access, receivedUs };
  mountDaemonRoutes(to, control, deps.metrics);
  mountModelRoutes(to, { router: deps.router, startedAt: Math.floor(Date.now() / 1000 - control.uptimeSeconds()) });
  mountGenerateRoutes(to, deps);
  mountInfillRoute(to, deps);
  mountTaskRoutes(to, deps);
  mountTextRoutes(to, deps);
  mountVisionRoutes(to, deps);
  mountAudioRoutes(to, deps);
  mountVadStream(to, deps);
  mountInferRoute(to, deps);
  mountStateRoutes(to, deps);
  mountTraceRoutes(to, deps.traces);
  mountDebugRoutes(to, deps);
  await servePanels(app, deps.panels);
  return app;
}
