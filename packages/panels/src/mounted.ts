/** What every mount gives back. */
export interface Mounted<Model> {
  update(model: Model): void;
  /** Leaves the element as it was found. */
  destroy(): void;
}
