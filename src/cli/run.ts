import type { Command } from 'commander';
import type { Call } from './call.js';
import type { ExitCode } from './exitCodes.js';

/** Runs the body of a command with its options, and keeps the code that it ends with. */
export type Run = (command: Command, body: (call: Call) => Promise<ExitCode>) => Promise<void>;
