/** What one address of the page shows. */
export interface View {
  readonly title: string;
  readonly element: HTMLElement;
  /** Asks the service and shows what it says. Throws what its client throws. */
  readonly refresh: (signal: AbortSignal) => Promise<void>;
}
