/**
 * Calls into Lua: plain ones, which return when the program has, and those that may wait for the host in between. Each of the latter is an execution of the
 * engine's; what is here makes one go on whenever it can, until it is done.
 */
import { callHost, perform } from '../boundary.ts';
import type { CallOptions } from './options.ts';
import type { LuaInput as AnyInput } from '../../engine/lua-value.ts';
import { Execution } from '../../engine/run/execution.ts';
import type { Machine } from '../../engine/machine.ts';
import { allResults, callPushed } from '../handles/operations.ts';
import type { LuaInput, LuaValue } from '../types.ts';

/** Pushes what is to be called. */
export type PushFunction = () => void;

/** A plain call with limits of its own. @throws as `LuaFunction.call` */
export function callLimited(machine: Machine, push: PushFunction, args: readonly LuaInput[], options: CallOptions): LuaValue[] {
  return perform(machine, () => {
    const { limits } = machine;
    const allowance = limits.allow(options);
    let reason: unknown;
    const unlink = linkSignal(options.signal, (given) => {
      reason = given;
      allowance.isAborted = true;
      limits.endSlice();
    });
    const outer = limits.enter(allowance);
    try {
      push();
      return allResults(machine, callPushed(machine, args));
    } catch (error) {
      throw machine.disown(error, reason);
    } finally {
      limits.leave(outer);
      unlink();
    }
  });
}

/** An execution that has not begun. @throws LuaError memory; MoontraceError closed, busy, bad-value, bad-handle */
export function createExecution(machine: Machine, push: PushFunction, args: readonly LuaInput[], options: CallOptions): Execution {
  return perform(machine, () => new Execution(machine, machine.limits.allow(options), () => {
    push();
    for (const value of args) machine.pushValue(value as AnyInput);
    return args.length;
  }));
}

/** How long an execution that may catch the error of its time limit goes on before it gets the next. */
const PATIENCE = 50;

/** What of a call's options is the host's business. */
type HostSide = { readonly [Name in 'signal' | 'wallTimeout' | 'yieldEvery']?: CallOptions[Name] | undefined };

/** Ties the life of an execution to a signal and a clock. @returns what unties it */
function limitExecution(execution: Execution, { signal, wallTimeout }: HostSide): () => void {
  const unlink = linkSignal(signal, (reason) => execution.stop('abort', reason));
  if (wallTimeout === undefined) return unlink;
  const expire = (): void => {
    execution.stop('timeout');
    timer = setTimeout(expire, PATIENCE);
  };
  let timer = setTimeout(expire, wallTimeout);
  return () => {
    clearTimeout(timer);
    unlink();
  };
}

/** Calls `abort` when the signal fires, at once if it has. @returns what ends that */
export function linkSignal(signal: AbortSignal | undefined, abort: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  return callHost('bad-option', 'signal', () => {
    const fire = (): void => abort(reasonOf(signal));
    if (signal.aborted) fire();
    signal.addEventListener('abort', fire);
    return () => {
      try {
        signal.removeEventListener('abort', fire);
      } catch {
        // What it would have told is of no consequence any more.
      }
    };
  });
}

function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}

/** Runs an execution whenever it can go on; nobody else may meanwhile. @returns its results @throws as `LuaFunction.callAsync` */
export function runToEnd(machine: Machine, execution: Execution, options: HostSide): Promise<LuaValue[]> {
  const unlimit = limitExecution(execution, options);
  const { onReady } = execution;
  return new Promise<LuaValue[]>((resolve, reject) => {
    /** Each turn that was asked for ends all others. */
    let turn = 0;
    const ask = (schedule: (action: () => void) => void): void => {
      const own = ++turn;
      schedule(() => {
        if (own === turn) goOn();
      });
    };
    const goOn = (): void => {
      try {
        const state = perform(machine, () => execution.advance(undefined, options.yieldEvery));
        if (state === 'paused') return ask(nextTurn);
        if (state === 'waiting') return;
        resolve(execution.results as LuaValue[]);
      } catch (error) {
        reject(error as Error);
      }
      execution.onReady = onReady;
      unlimit();
    };
    // Not at once: whoever makes it ready may be in the middle of something.
    execution.onReady = () => {
      onReady();
      ask(queueMicrotask);
    };
    if (!execution.isBlocked) goOn();
  });
}

const host = globalThis as { readonly setImmediate?: (action: () => void) => void };

/** Calls it when timers, input and output of the host have had their turn. */
function nextTurn(action: () => void): void {
  if (host.setImmediate !== undefined) return host.setImmediate(action);
  // A timer waits for four milliseconds in browsers.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    action();
  };
  port2.postMessage(undefined);
}
