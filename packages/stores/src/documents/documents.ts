import { DatabaseSync, type StatementSync } from "node:sqlite";
import { bug, type Document, type DocumentStore, type DocumentWrite } from "@hms-ops/model";

/** Documents are few and small; SQLite's own cache of 2 MB would cost more than it gives. */
const CACHE_KIBIBYTES = 512;

/**
 * Documents in one SQLite file (write-ahead log, every commit synced). Calls work synchronously
 * inside: run it in a thread that nothing waits on. Throws SQLite's own error if the file is none.
 */
export function openDocuments(file: string): DocumentStore {
  return new SqliteDocuments(file);
}

class SqliteDocuments implements DocumentStore {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #open = true;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIBIBYTES};
      CREATE TABLE IF NOT EXISTS documents (
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (collection, id)
      ) WITHOUT ROWID;
    `);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#get = prepare("SELECT value FROM documents WHERE collection = ? AND id = ?");
    this.#list = prepare("SELECT id, value FROM documents WHERE collection = ? ORDER BY id");
    this.#put = prepare(
      "INSERT INTO documents (collection, id, value) VALUES (?, ?, ?) " +
        "ON CONFLICT (collection, id) DO UPDATE SET value = excluded.value",
    );
    this.#delete = prepare("DELETE FROM documents WHERE collection = ? AND id = ?");
  }

  async get(collection: string, id: string): Promise<unknown> {
    const row = this.#get.get(collection, id);
    return row === undefined ? undefined : JSON.parse(String(row.value));
  }

  async list(collection: string): Promise<readonly Document[]> {
    return this.#list
      .all(collection)
      .map(({ id, value }) => ({ id: String(id), value: JSON.parse(String(value)) }));
  }

  async write(writes: readonly DocumentWrite[]): Promise<void> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const write of writes) this.#apply(write);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }

  #apply({ collection, id, value }: DocumentWrite): void {
    if (value === undefined) {
      this.#delete.run(collection, id);
      return;
    }
    const text = JSON.stringify(value) ?? bug(`document ${collection}/${id} is not JSON`);
    this.#put.run(collection, id, text);
  }
}
