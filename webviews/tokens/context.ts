import type { FromTokens } from "../../protocol/panels/tokens.ts";
import type { Store } from "../shared/store.ts";
import type { TokensAction, TokensState } from "./model.ts";

/** What every part of the panel is given. */
export interface Context {
  readonly store: Store<TokensState, TokensAction>;
  readonly post: (message: FromTokens) => void;
  readonly open: (traceId: string) => void;
}
