import { setTimeout as wait } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { success } from './execStatus.js';
import type { Cut, ExecFault } from './faults.js';

/** The way from the server to the client of one exec, with the faults that were set for it. */
export interface Outlet {
	/** Resolves when the frame has left, or can never leave. */
	send(channel: number, data: Buffer): Promise<void>;
	/** Counts what came in on stdin. */
	countStdin(bytes: number): void;
	/** Sends the status, and closes the connection. */
	finish(status: string): Promise<void>;
	/** Ends the stream now. */
	cut(how: Cut): void;
	/** Whether nothing more will ever be sent. */
	over(): boolean;
	readonly moved: Moved;
}

/** How much has gone over one exec so far; the first empty frame counts too. */
export interface Moved {
	readonly frames: number;
	readonly stdoutBytes: number;
	readonly stdinBytes: number;
}

export const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4, close: 255 } as const;
const largestFrame = 32 * 1024;

export function createOutlet(socket: WebSocket, fault: ExecFault): Outlet {
	const sent = { frames: 0, stdoutBytes: 0, stdinBytes: 0 };
	let over = false;
	let queue = Promise.resolve();
	const { promise: closed, resolve: onClose } = Promise.withResolvers<void>();
	socket.on('close', () => {
		over = true;
		onClose();
	});

	const write = (channel: number, data: Buffer): Promise<void> => {
		if (over) {
			return Promise.resolve();
		}
		const frame = Buffer.concat([Buffer.from([channel]), data]);
		const times = fault.duplicateFrame === sent.frames ? 2 : 1;
		sent.frames += 1;
		const gone = Array.from({ length: times }, () => {
			const { promise, resolve } = Promise.withResolvers<void>();
			socket.send(frame, (error) => {
				over ||= error instanceof Error;
				resolve();
			});
			return promise;
		});
		return Promise.race([closed, Promise.all(gone).then(() => undefined)]);
	};
	const cut = ({ status, closeCode }: Cut): void => {
		if (over) {
			return;
		}
		if (status !== undefined) {
			void write(channels.status, Buffer.from(status === 'success' ? success : failure));
		}
		over = true;
		if (closeCode === undefined) {
			socket.terminate();
		} else {
			socket.close(closeCode);
		}
	};
	const cutIfDue = (): void => {
		const { cut: limits } = fault;
		if (
			limits !== undefined &&
			(sent.frames >= (limits.afterFrames ?? Infinity) ||
				sent.stdoutBytes >= (limits.afterStdoutBytes ?? Infinity) ||
				sent.stdinBytes >= (limits.afterStdinBytes ?? Infinity))
		) {
			cut(limits);
		}
	};

	const sendPart = async (channel: number, data: Buffer): Promise<void> => {
		if (fault.delayMs !== undefined) {
			await Promise.race([closed, wait(fault.delayMs)]);
		}
		const room =
			Math.min(fault.cut?.afterStdoutBytes ?? Infinity, fault.stallAfterStdoutBytes ?? Infinity) - sent.stdoutBytes;
		const part = channel === channels.stdout ? data.subarray(0, Math.max(0, room)) : data;
		if (part.length > 0 || data.length === 0) {
			if (channel === channels.stdout) {
				sent.stdoutBytes += part.length;
			}
			await write(channel, part);
		}
		cutIfDue();
		// The frame that opens a channel is none of the command's.
		const stalled = data.length > 0 && sent.stdoutBytes >= (fault.stallAfterStdoutBytes ?? Infinity);
		if (stalled && !over) {
			await closed;
		}
	};
	const send = (channel: number, data: Buffer): Promise<void> => {
		for (let at = 0; at === 0 || at < data.length; at += largestFrame) {
			const part = data.subarray(at, at + largestFrame);
			queue = queue.then(() => (over ? undefined : sendPart(channel, part)));
		}
		return queue;
	};
	return {
		send,
		cut,
		countStdin: (bytes) => {
			sent.stdinBytes += bytes;
			cutIfDue();
		},
		finish: async (status) => {
			const told = fault.status === undefined ? status : fault.status === 'success' ? success : fault.status.text;
			await send(channels.status, Buffer.from(told));
			if (!over) {
				over = true;
				socket.close(1000);
			}
		},
		over: () => over,
		moved: sent,
	};
}

const failure = JSON.stringify({
	metadata: {},
	status: 'Failure',
	message: 'Internal error occurred: error attaching to container',
	reason: 'InternalError',
	code: 500,
});
