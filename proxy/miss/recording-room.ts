/**
 * The memory that answers take while they are recorded, of all calls together: each is bounded for itself, but
 * thousands of long streams at once would still fill the process.
 */
export class RecordingRoom {
  private readonly bytesMax: number;
  private bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Whether there was room for so many more; what was taken must be given back. */
  take(bytes: number): boolean {
    if (this.bytes + bytes > this.bytesMax) return false;
    this.bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.bytes -= bytes;
  }
}
