import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { InfernoError } from "../../protocol/errors.ts";

export interface AccessOptions {
  readonly token: string;
  /** The address that the daemon listens on. */
  readonly host: string;
}

/** The headers that decide. */
export interface Caller {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
}

/** 256 bits, new at every start. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** Who may call. */
export class Access {
  readonly #tokenDigest: Buffer;
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  constructor({ token, host }: AccessOptions) {
    this.#tokenDigest = digest(token);
    this.#names = new Set(["localhost", "127.0.0.1", "::1", host.toLowerCase()]);
    this.#anyAddress = host === "0.0.0.0" || host === "::";
  }

  /**
   * Refuses names that are not ours: a web page whose name was rebound to this address sends its own name as Host and Origin.
   * The port is not compared, for editors forward ports. Throws `forbidden_origin`.
   */
  checkOrigin({ host, origin }: Caller): void {
    if (host === undefined || !this.#serves(host)) {
      throw new InfernoError("forbidden_origin", `The daemon does not serve the host "${host ?? ""}".`, { param: "Host" });
    }
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new InfernoError("forbidden_origin", `Pages of ${origin} may not call the daemon at ${host}.`, { param: "Origin" });
    }
  }

  /** Throws `unauthorized`. */
  checkToken({ authorization }: Caller): void {
    const [, token] = /^Bearer +(\S+)\s*$/i.exec(authorization ?? "") ?? [];
    if (token === undefined) throw new InfernoError("unauthorized", "The request carries no bearer token.");
    // Digests have one length, so the comparison's time says nothing about the token.
    if (!timingSafeEqual(digest(token), this.#tokenDigest)) throw new InfernoError("unauthorized", "The bearer token is wrong.");
  }

  #serves(hostHeader: string): boolean {
    const name = hostNameOf(hostHeader);
    if (this.#names.has(name)) return true;
    // An address cannot be rebound; a name could. Listening everywhere, the machine's own name is the only one we know.
    return this.#anyAddress && (isIP(name) !== 0 || name === hostname().toLowerCase());
  }
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `[::1]:11500` → `::1`, `LocalHost:1` → `localhost`. */
function hostNameOf(header: string): string {
  const [, v6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header.trim()) ?? [];
  return (v6 ?? name ?? "").toLowerCase();
}
