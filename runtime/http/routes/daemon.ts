import { openApiDocument } from "../../../protocol/emit/openapi.ts";
import { routes } from "../../../protocol/routes.ts";
import type { Metrics } from "../metrics.ts";
import { mount, type Mounted } from "../mount.ts";

/** What the HTTP side asks of the daemon around it. */
export interface DaemonControl {
  readonly version: string;
  readonly pid: number;
  readonly stopping: boolean;
  uptimeSeconds(): number;
  /** Serves the models of this configuration too, and lives as long as this process. Resolves with the names of all models. */
  attach(pid: number, config: string | undefined): Promise<readonly string[]>;
  /** Returns at once; the daemon ends after the requests in work. */
  stop(): void;
}

export function mountDaemonRoutes(to: Mounted, control: DaemonControl, metrics: Metrics): void {
  const { version, pid } = control;
  const document: Record<string, unknown> = { ...openApiDocument(version) };
  mount(to, routes.health, () => ({ status: control.stopping ? "stopping" as const : "ok" as const, version, pid, uptimeSeconds: control.uptimeSeconds() }));
  mount(to, routes.openapi, () => document);
  mount(to, routes.metrics, () => metrics.text());
  mount(to, routes.attach, async ({ body }) => ({ models: [...(await control.attach(body.pid, body.config))] }));
  mount(to, routes.stop, () => {
    control.stop();
    return { pid };
  });
}
