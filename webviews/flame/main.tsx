import "../shared/no-eval.ts";
import "../shared/elements.ts";
import "./flame.css";
import { FlameSession } from "../../protocol/panels/flame-session.ts";
import { ToFlame, type FromFlame } from "../../protocol/panels/flame.ts";
import { openHost } from "../shared/host.ts";
import { mount } from "../shared/mount.tsx";
import { LockedPage } from "../shared/notice.tsx";
import { Store } from "../shared/store.ts";
import { watchTheme } from "../shared/watch-theme.ts";
import { App } from "./app.tsx";
import { askedMark } from "./graph-view.ts";
import { followFile } from "./follow-file.ts";
import { initialFlame, reduceFlame, type FlameAction, type FlameState } from "./model.ts";
import { createThemeStore } from "./themes.ts";

/** The model, with a mark when it begins to make a new chart. */
const reduce = (state: FlameState, action: FlameAction): FlameState => {
  const startTime = performance.now();
  const next = reduceFlame(state, action);
  if (next.chart !== state.chart) performance.mark(askedMark, { startTime });
  return next;
};
const store = new Store(reduce, initialFlame);
const themes = createThemeStore("dark");
watchTheme(themes.dispatch);

const host = openHost<FromFlame, ToFlame>({
  name: "flame",
  incoming: ToFlame,
  onMessage: (message) => store.dispatch({ type: "received", message }),
  connect: ({ client, post, openTokens }) => {
    const asked = new URLSearchParams(location.search);
    const at = asked.get("at");
    return new FlameSession({
      client, post, openTokens, copy: (text) => navigator.clipboard.writeText(text), traceId: asked.get("trace"), atUs: at === null || !Number.isFinite(Number(at)) ? null : Number(at),
    });
  },
});

if (host === null) {
  mount(<LockedPage refused={false} />);
} else {
  const open = (traceId: string, compare: boolean) => {
    if (!compare) store.dispatch({ type: "opening", traceId });
    host.post({ type: "open", traceId, compare });
  };
  const refresh = () => {
    host.post({ type: "list" });
    const trace = store.state.shown?.trace;
    // A request that was still running has more spans by now.
    if (trace?.status === "running") open(trace.id, false);
  };
  mount(<App context={{ store, themes, copy: (text) => host.post({ type: "copy", text }) }} inEditor={host.inEditor} open={open} showTokens={(traceId) => host.post({ type: "tokens", traceId })} refresh={refresh} restart={() => host.post({ type: "ready" })} />);
  followFile(store, (window) => host.post({ type: "window", ...window }));
  host.post({ type: "ready" });
}
