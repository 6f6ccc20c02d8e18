/** What the features need of a file system. The disk is behind it in the server, a map in the tests. */
export interface World {
  /** The absolute path that `path` means inside this document; undefined when the document is not a file (a new, unsaved one). */
  resolve(documentUri: string, path: string): string | undefined;
  /** Undefined when nothing is there. Throws when that cannot be found out (no rights, broken disk). */
  stat(path: string): Promise<FileFacts | undefined>;
  /** At most `length` bytes; fewer only at the end of the file. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** The entries of a folder; none when it does not exist. */
  list(path: string): Promise<readonly FolderEntry[]>;
}

export interface FileFacts {
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

/** Says whether anybody still waits for a result. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
}
