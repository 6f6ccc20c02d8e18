import type { Client } from "../../protocol/client/index.ts";
import { toDisposable, type Disposable } from "../../base/disposable.ts";
import { stateText } from "./commands/models.ts";
import { errPaint, type Terminal } from "./terminal.ts";

const lookMs = 200;
const clearLine = "\r\x1B[K";

/** While a model downloads or loads, one line on stderr says how far it is; only where a person looks. Disposing removes the line. */
export function showLoadProgress(client: Client, model: string, terminal: Terminal): Disposable {
  const { stderr } = terminal;
  if (stderr.isTTY !== true) return toDisposable(() => undefined);
  const paint = errPaint(terminal);
  let shown = false;
  let over = false;
  const look = async (): Promise<void> => {
    const { models } = await client.call("models");
    const status = models.find(({ name }) => name === model);
    const busy = status?.state === "loading" || status?.state === "downloading";
    // The answer may have begun while this was on its way.
    if (over || (!busy && !shown)) return;
    stderr.write(busy ? clearLine + paint.dim(`${model}: ${stateText(status)}`) : clearLine);
    shown = busy;
  };
  // A look that fails says nothing that the request itself will not say better.
  const timer = setInterval(() => void look().catch(() => undefined), lookMs);
  return toDisposable(() => {
    over = true;
    clearInterval(timer);
    if (shown) stderr.write(clearLine);
  });
}
