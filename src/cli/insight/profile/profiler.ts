/** A profiler of a VM: samples at even times until it is stopped. */
import { type Machine, MoontraceError, type Profile, Sampler } from '../../../api/profile-port.ts';
import { Ticker } from './ticker.ts';

export class Profiler {
  readonly #interval: number;
  readonly #ticker = new Ticker(() => this.#sampler?.tick());
  readonly #sampler: Sampler | undefined;
  readonly #start = performance.now();
  readonly #cpuStart = process.cpuUsage();

  /** Starts. @param interval between two samples in milliseconds @throws MoontraceError host-failure where Node has no inspector */
  constructor(machine: Machine, interval: number) {
    this.#interval = interval;
    if (!this.#ticker.start(interval)) throw new MoontraceError('host-failure', 'profiles need the inspector, which this Node has not got');
    // Its time begins now.
    this.#sampler = new Sampler(machine);
  }

  /** @returns what was seen */
  stop(): Profile {
    this.#ticker.stop();
    const { user, system } = process.cpuUsage(this.#cpuStart);
    const running = Math.min((user + system) / 1000 / (performance.now() - this.#start), 1);
    return { interval: this.#interval, running, ...(this.#sampler?.result ?? { frames: [], samples: [] }) };
  }
}
