/*
 * The frames of a remote command over WebSocket, `v4.channel.k8s.io` and `v5.channel.k8s.io`: the first byte of a binary
 * message names the channel. v5 adds one message that closes a channel
 * (https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets).
 */

import * as z from 'zod/mini';
import type { ExitStatus, TerminalSize } from '../backend.js';

/** Newest first, as they are offered. */
export const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** The first byte of a message. */
export const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;

/** The message that ends stdin; v4 has none. */
export const stdinEnd: Buffer = Buffer.from([channel.close, channel.stdin]);

/** A message on stdin. */
export function stdinFrame(chunk: Buffer): Buffer {
	const frame = Buffer.allocUnsafe(chunk.length + 1);
	frame[0] = channel.stdin;
	chunk.copy(frame, 1);
	return frame;
}

/** A message that tells the size of the terminal. */
export function resizeFrame({ columns, rows }: TerminalSize): Buffer {
	return Buffer.concat([Buffer.from([channel.resize]), Buffer.from(JSON.stringify({ Width: columns, Height: rows }))]);
}

const statusSchema = z.looseObject({
	status: z.enum(['Success', 'Failure']),
	message: z.optional(z.string()),
	reason: z.optional(z.string()),
	details: z.optional(
		z.looseObject({
			causes: z.optional(z.array(z.looseObject({ reason: z.optional(z.string()), message: z.optional(z.string()) }))),
		}),
	),
});

/** How a command ended, or in the server's words why it could not be run to its end. */
export type CommandEnd = { readonly exit: ExitStatus } | { readonly failure: string };

/**
 * Reads the status message. A command that a signal ended has an exit code above 128, as a shell would tell it. Null where
 * it is none.
 */
export function readStatus(text: string): CommandEnd | null {
	const parsed = z.safeParse(statusSchema, parseJson(text));
	if (!parsed.success) {
		return null;
	}
	const { status, reason, message, details } = parsed.data;
	if (status === 'Success') {
		return { exit: { code: 0, signal: null } };
	}
	const said = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message ?? '';
	if (reason === 'NonZeroExitCode' && /^\d{1,3}$/.test(said) && Number(said) !== 0) {
		return { exit: { code: Number(said), signal: null } };
	}
	return { failure: message ?? 'the server gave no reason' };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
