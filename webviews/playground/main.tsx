import "../shared/no-eval.ts";
import "../shared/elements.ts";
import "./playground.css";
import { PlaygroundSession } from "../../protocol/panels/playground-session.ts";
import { ToPlayground, type FromPlayground } from "../../protocol/panels/playground.ts";
import { openHost } from "../shared/host.ts";
import { mount } from "../shared/mount.tsx";
import { LockedPage } from "../shared/notice.tsx";
import { Store } from "../shared/store.ts";
import { watchTheme } from "../shared/watch-theme.ts";
import { App } from "./app.tsx";
import { reducePlayground, requestOf, streaming, type PlaygroundAction } from "./model.ts";
import { keepModelsFresh } from "./refresh.ts";
import { fromSaved, toSaved } from "./saved.ts";

watchTheme(() => {});

// Messages that come before the store exists would need a host that was made later: the list of models is only asked for at the end.
let deliver: (message: ToPlayground) => void = () => {};
const host = openHost<FromPlayground, ToPlayground>({
  name: "playground",
  incoming: ToPlayground,
  onMessage: (message) => deliver(message),
  connect: ({ client, post, openTrace, openTokens }) => {
    const session = new PlaygroundSession({ client, post, openTrace, openTokens });
    window.addEventListener("pagehide", () => session.dispose());
    return session;
  },
});

if (host === null) {
  mount(<LockedPage refused={false} />);
} else {
  const store = new Store(reducePlayground, fromSaved(host.load()));
  deliver = (message) => store.dispatch({ type: "received", message });
  /** Asking changes the state first; what the state then says is sent. */
  const dispatch = (action: PlaygroundAction) => {
    const before = streaming(store.state)?.id;
    store.dispatch(action);
    const request = requestOf(store.state);
    if (request !== null && request.id !== before) host.post(request);
  };
  // Not with every token: once a pause, and when the page goes.
  let timer = 0;
  const save = () => host.save(toSaved(store.state));
  store.subscribe(() => {
    clearTimeout(timer);
    timer = window.setTimeout(save, 300);
  });
  window.addEventListener("pagehide", save);

  mount(<App store={store} dispatch={dispatch} host={host} />);
  keepModelsFresh(store, () => host.post({ type: "refresh" }));
  host.post({ type: "ready" });
}
