/** An alert did not arrive. The reason is short, and has nothing of an address, a secret, or a record in it. */
export class AlertRefused extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'AlertRefused';
    this.reason = reason;
  }
}
